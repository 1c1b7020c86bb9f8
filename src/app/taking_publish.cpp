// The guards' decision, and the order of syncs and renames that makes it durable: what a directory
// holds is on disk before the directory is published, the claim before that, and the publication
// before the claim is removed.

#include "reaper/app/taking.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/io/spool_state.hpp"
#include "reaper/io/sync_together.hpp"
#include "taking_pieces.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace reaper {

result<void> taking::decide(instant now)
{
    if (rejection_.reason.empty() && reader_->failure()) {
        const auto line = reader_->failure_line();
        reject(
            reader_->failure()->sentence,
            line == 0 ? std::vector<std::uint64_t>{} : std::vector{line}
        );
    }
    if (!rejection_.reason.empty())
        return write_rejection(now);

    manifest_.options = reader_->options();
    // Dropped in an account's folder, the file was not asked before; now it must not contradict.
    const auto chosen = choose_account(*config_, source_.account, manifest_.options);
    if (!chosen) {
        reject(chosen.error().sentence);
        return write_rejection(now);
    }
    const auto earlier = sent_by(spool_, manifest_.sha256);
    if (!earlier)
        return earlier.error();
    const auto decided =
        admit(source_.id, *account_, manifest_.options, census_, *earlier, now.wall);
    if (!decided.rejection.empty()) {
        const bool blames_lines = census_.invalid > account_->guards.max_invalid;
        reject(
            decided.rejection, blames_lines ? census_.invalid_lines : std::vector<std::uint64_t>{}
        );
        return write_rejection(now);
    }
    return write_job(decided, now);
}

result<void> taking::write_rejection(instant now)
{
    rejection_.id = source_.id;
    rejection_.file = manifest_.file;
    rejection_.account = account_ != nullptr ? account_->name : source_.account;
    rejection_.dropped_by = manifest_.dropped_by;
    rejection_.at = now.wall;
    reader_.reset();
    records_ = unique_fd{};
    if (::unlink(staged(results_file).c_str()) != 0 && errno != ENOENT)
        return system_fault("cannot remove " + staged(results_file));
    if (auto written = write_unsynced(reason_file, render_rejection(rejection_)); !written)
        return written;
    phase_ = phase::syncing_files;
    return {};
}

result<void> taking::write_job(const admission& decided, instant now)
{
    manifest_.dry_run = decided.dry_run;
    manifest_.total = census_.total;
    manifest_.invalid = census_.invalid;
    manifest_.duplicates = census_.duplicates;
    manifest_.submitted_at = now.wall;
    state_.holds = decided.holds;
    state_.next_hold_id = decided.holds.size() + 1;
    reader_.reset();

    if (auto flushed = flush_records(); !flushed)
        return flushed;
    if (auto written = write_unsynced(manifest_file, render_manifest(manifest_)); !written)
        return written;
    if (auto written = write_unsynced(state_file, render_job_state(state_)); !written)
        return written;
    unsynced_.push_back(std::move(records_));
    phase_ = phase::syncing_files;
    return {};
}

result<void> taking::write_unsynced(std::string_view file, std::string_view bytes)
{
    auto written = write_new_file(staged(file), bytes);
    if (!written)
        return written.error();
    unsynced_.push_back(std::move(*written));
    return {};
}

result<void> taking::sync_files()
{
    unsynced_.push_back(std::move(input_));
    // Of the folder, too: were the claim not durable, a power cut after the publication could bring
    // the file back under its own name, to be taken in twice.
    for (const auto& directory : {spool_.staging(source_.id), folder()}) {
        unique_fd opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (!opened)
            return system_fault("cannot open the directory " + directory);
        unsynced_.push_back(std::move(opened));
    }
    std::vector<int> descriptors;
    for (const auto& file : unsynced_)
        descriptors.push_back(file.get());
    if (const int failed = sync_together(descriptors); failed != 0)
        return system_fault("cannot sync " + spool_.staging(source_.id), failed);
    unsynced_.clear();
    phase_ = phase::publishing;
    return {};
}

result<void> taking::publish()
{
    const bool rejected = !rejection_.reason.empty();
    published_ = rejected ? spool_.rejected_job(source_.id) : spool_.active_job(source_.id);
    if (auto renamed = rename_surely(spool_.staging(source_.id), published_); !renamed)
        return renamed;
    outcome_ = rejected ? taking_status::rejected : taking_status::taken;
    phase_ = phase::removing_claim;
    return {};
}

// The last start, or the last attempt, got as far as publishing it.
result<void> taking::adopt_published(job_place place)
{
    published_ = place == job_place::active ? spool_.active_job(source_.id)
                 : place == job_place::done ? spool_.done_job(source_.id)
                                            : spool_.rejected_job(source_.id);
    outcome_ = taking_status::gone;
    if (place == job_place::active) {
        auto manifest = read_manifest(published_);
        auto state = read_job_state(published_);
        // If they cannot be read it is recovery that says so, and holds the job.
        if (manifest && state) {
            manifest_ = std::move(*manifest);
            state_ = std::move(*state);
            outcome_ = taking_status::taken;
        }
    }
    phase_ = phase::removing_claim;
    return {};
}

result<void> taking::remove_claim()
{
    // The claim, and what tells its origin, go only when what replaces them is there for good.
    if (auto synced = sync_directory(published_.substr(0, published_.rfind('/'))); !synced)
        return synced;
    const auto origin = published_ + "/" + std::string{origin_file};
    if (::unlink(origin.c_str()) != 0 && errno != ENOENT)
        return system_fault("cannot remove " + origin);
    if (::unlink(claim_path().c_str()) != 0 && errno != ENOENT)
        return blame_source(system_fault("cannot remove " + claim_path()));
    phase_ = phase::ended;
    return {};
}

}  // namespace reaper
