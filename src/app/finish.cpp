#include "reaper/app/finish.hpp"

#include "reaper/core/job_reader.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/io/job_files.hpp"
#include "taking_pieces.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reaper {

namespace {

// What `retry` takes by default (SPEC 2).
bool remains(outcome o)
{
    return o == outcome::unknown || o == outcome::expired || o == outcome::cancelled ||
           o == outcome::refused;
}

}  // namespace

job_options options_for_rest(const job_manifest& manifest, wall_time now)
{
    job_options options = manifest.options;
    options.account = manifest.account;
    options.kind = manifest.kind;
    options.retry_of = manifest.id;
    options.count.reset();
    options.dry_run.reset();
    if (manifest.dry_run)
        options.dry_run = true;
    if (options.deadline && *options.deadline <= now)
        options.deadline.reset();
    if (options.not_before && *options.not_before <= now)
        options.not_before.reset();
    return options;
}

job_finisher::job_finisher(spool_paths spool, job_manifest manifest, job_summary summary)
    : spool_(std::move(spool)), manifest_(std::move(manifest)), summary_(std::move(summary))
{
}

std::string job_finisher::file(std::string_view name) const
{
    return spool_.active_job(manifest_.id) + "/" + std::string{name};
}

std::string job_finisher::unfinished_rest() const
{
    return file("." + std::string{remaining_file} + ".tmp");
}

result<bool> job_finisher::step()
{
    if (auto done = perform(); !done)
        return done.error();
    return phase_ == phase::finished;
}

result<void> job_finisher::perform()
{
    switch (phase_) {
        case phase::starting:
            return start();
        case phase::trimming:
            return trim();
        case phase::opening_rest:
            return open_rest();
        case phase::collecting:
            return collect_piece();
        case phase::closing_rest:
            return close_rest();
        case phase::writing_summary: {
            auto written =
                write_file_atomically(file(summary_file), render_summary(summary_), 0640);
            if (written)
                phase_ = phase::moving;
            return written;
        }
        case phase::moving:
            return move();
        case phase::syncing: {
            for (const auto& directory : {spool_.done, spool_.active}) {
                if (auto synced = sync_directory(directory); !synced)
                    return synced;
            }
            phase_ = phase::finished;
            return {};
        }
        case phase::finished:
            break;
    }
    return {};
}

result<void> job_finisher::start()
{
    const auto place = find_job(spool_, manifest_.id);
    if (!place)
        return place.error();
    if (*place == job_place::done) {
        phase_ = phase::syncing;  // the last attempt got so far
        return {};
    }
    phase_ = phase::trimming;
    return {};
}

result<void> job_finisher::open_rest()
{
    if (manifest_.dry_run) {
        phase_ = phase::writing_summary;
        return {};
    }
    if (nothing_remains()) {
        rest_count_ = 0;
        phase_ = phase::closing_rest;
        return {};
    }
    results_ = unique_fd{::open(file(results_file).c_str(), O_RDONLY | O_CLOEXEC)};
    if (!results_)
        return system_fault("cannot read " + file(results_file));
    constexpr int writing = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    rest_ = unique_fd{::open(unfinished_rest().c_str(), writing, 0640)};
    if (!rest_)
        return system_fault("cannot write " + unfinished_rest());
    scanner_ = journal_scanner{};
    offset_ = rest_count_ = 0;
    pending_ = render_front_matter(options_for_rest(manifest_, summary_.finished_at));
    phase_ = phase::collecting;
    return {};
}

// Whoever has counted every token knows it without reading the log again.
bool job_finisher::nothing_remains() const
{
    const outcome_counts& counts = summary_.outcomes;
    return counts.total() == manifest_.total &&
           std::none_of(all_outcomes.begin(), all_outcomes.end(), [&](outcome o) {
               return remains(o) && counts[o] > 0;
           });
}

result<void> job_finisher::collect_piece()
{
    if (auto read = read_piece(results_.get(), offset_, piece_bytes, piece_); !read)
        return read;
    offset_ += piece_.size();
    if (piece_.empty())
        scanner_.finish();
    else
        scanner_.feed(piece_);
    while (const auto record = scanner_.next()) {
        if (auto noted = note_rest(*record); !noted)
            return restart(std::move(noted));
    }
    if (scanner_.damage()) {
        // The job was held for it, and a person ended it all the same.
        pending_ +=
            "# The results log is damaged: tokens behind the damage are missing here. Compare with "
            "the input.\n";
        ++rest_count_;
    }
    if (piece_.empty() || scanner_.damage()) {
        if (auto flushed = flush_rest(); !flushed)
            return restart(std::move(flushed));
        phase_ = phase::closing_rest;
    }
    return {};
}

// A write that failed may have left a part behind: what remains is written from its beginning.
result<void> job_finisher::restart(result<void> why)
{
    phase_ = phase::starting;
    return why;
}

result<void> job_finisher::note_rest(const result_record& record)
{
    if (!remains(record.result))
        return {};
    ++rest_count_;
    pending_ += record.token;
    pending_ += '\n';
    return pending_.size() < piece_bytes ? result<void>{} : flush_rest();
}

result<void> job_finisher::flush_rest()
{
    auto written = write_piece(rest_.get(), pending_, unfinished_rest());
    pending_.clear();
    return written;
}

result<void> job_finisher::close_rest()
{
    if (rest_count_ == 0) {
        for (const auto& path : {unfinished_rest(), file(remaining_file)}) {
            if (::unlink(path.c_str()) != 0 && errno != ENOENT)
                return system_fault("cannot remove " + path);
        }
    } else {
        if (::fsync(rest_.get()) != 0)
            return restart(system_fault("cannot sync " + unfinished_rest()));
        if (auto renamed = rename_surely(unfinished_rest(), file(remaining_file)); !renamed)
            return restart(std::move(renamed));
    }
    rest_.reset();
    results_.reset();
    phase_ = phase::writing_summary;
    return {};
}

result<void> job_finisher::trim()
{
    if (::unlink(file(mark_file_name).c_str()) != 0 && errno != ENOENT)
        return system_fault("cannot remove " + file(mark_file_name));
    // To cut the log at its own size gives back what is reserved behind its end.
    const unique_fd log{::open(file(results_file).c_str(), O_WRONLY | O_CLOEXEC)};
    struct stat about = {};
    if (!log || ::fstat(log.get(), &about) != 0 || ::ftruncate(log.get(), about.st_size) != 0)
        return system_fault("cannot trim " + file(results_file));
    if (auto synced = sync_directory(spool_.active_job(manifest_.id)); !synced)
        return synced;
    phase_ = phase::opening_rest;
    return {};
}

result<void> job_finisher::move()
{
    auto moved = rename_surely(spool_.active_job(manifest_.id), spool_.done_job(manifest_.id));
    if (moved)
        phase_ = phase::syncing;
    return moved;
}

result<void> finish_job(
    const spool_paths& spool, const job_manifest& manifest, const job_summary& summary
)
{
    job_finisher finisher{spool, manifest, summary};
    while (true) {
        const auto done = finisher.step();
        if (!done)
            return done.error();
        if (*done)
            return {};
    }
}

}  // namespace reaper
