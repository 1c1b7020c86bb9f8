#include "reaper/app/recovery.hpp"

#include "reaper/base/units.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/journal_file.hpp"
#include "reaper/io/keyed_hash.hpp"
#include "reaper/io/mark_file.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace reaper {

namespace {

constexpr std::size_t piece_bytes = 1024 * 1024;

// Nothing if the copy is what job.json says.
std::optional<fault> check_input(const std::string& path, const job_manifest& manifest, bool hash)
{
    const unique_fd file(retry_interrupted([&] {
        return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }));
    if (!file)
        return system_fault("cannot open " + path);
    struct stat facts = {};
    if (::fstat(file.get(), &facts) != 0)
        return system_fault("cannot look at " + path);
    if (static_cast<std::uint64_t>(facts.st_size) != manifest.size)
        return fault{path + " has another size than job.json says"};
    if (!hash)
        return std::nullopt;
    sha256_stream sum;
    std::string piece(piece_bytes, '\0');
    for (;;) {
        const ssize_t got =
            retry_interrupted([&] { return ::read(file.get(), piece.data(), piece.size()); });
        if (got < 0)
            return system_fault("cannot read " + path);
        if (got == 0)
            break;
        sum.update(std::string_view(piece.data(), static_cast<std::size_t>(got)));
    }
    if (sum.hex() != manifest.sha256)
        return fault{path + " has another content than when the job was taken"};
    return std::nullopt;
}

// A power cut may keep a later block of what was not synced and drop an earlier one, which then
// reads as NULs. What the mark, or the taking in, says was durable is no such tail.
bool is_unsynced_hole(const journal_scanner& scanner, const recovered_job& job)
{
    const std::uint64_t of_intake = job.manifest.invalid + job.manifest.duplicates;
    return scanner.damage_has_nul() && scanner.valid_bytes() >= job.mark.durable_bytes &&
           job.settled.count() >= of_intake;
}

// Reads the whole log into `into`, and cuts off the file what a crash left of an un-synced tail.
std::optional<fault> read_log(
    const std::string& path, recovered_job& into, std::size_t breaker_window_max
)
{
    // It is made when the job is taken in. To open it would make a new one over what was lost.
    struct stat facts = {};
    if (::lstat(path.c_str(), &facts) != 0)
        return system_fault("cannot look at " + path);
    auto file = journal_file::open(path);
    if (!file)
        return file.error();
    journal_scanner scanner;
    const auto take_all = [&] {
        while (const auto record = scanner.next())
            into.take(*record, breaker_window_max);
    };
    std::uint64_t offset = 0;
    for (;;) {
        const auto piece = file->read_at(offset, piece_bytes);
        if (!piece)
            return piece.error();
        if (piece->empty())
            break;
        offset += piece->size();
        scanner.feed(*piece);
        take_all();
    }
    scanner.finish();
    take_all();
    if (into.damage)
        return into.damage;
    if (scanner.damage() && !is_unsynced_hole(scanner, into))
        return *scanner.damage();
    into.durable_bytes = scanner.valid_bytes();
    if (into.durable_bytes < into.mark.durable_bytes)
        return fault{fmt::format(
            "{} of results.jsonl were durable, and only {} can be read",
            show_size(into.mark.durable_bytes),
            show_size(into.durable_bytes)
        )};
    if (const auto cut = file->truncate(into.durable_bytes); !cut)
        return cut.error();
    if (const auto synced = file->sync(); !synced)
        return synced.error();
    return std::nullopt;
}

// The first thing that could not be looked at: it says nothing of the job.
void hold_as_damaged(recovered_job& job, const fault& why, std::optional<fault>& unreadable)
{
    if (may_pass(why) && !unreadable)
        unreadable = why;
    if (!job.damage)
        job.damage = fault{why.sentence + "; nothing of the job is changed until it fits again"};
}

}  // namespace

result<recovered_job> recover_job(
    const spool_paths& spool, const std::string& id, const recovery_options& options
)
{
    const std::string directory = spool.active_job(id);
    auto manifest = read_manifest(directory);
    if (!manifest)
        return manifest.error();
    recovered_job job;
    job.manifest = std::move(*manifest);
    if (job.manifest.id != id)
        return fault{directory + "/job.json is of another job"};

    // The process before may have been killed ahead of a sync. What is read below may be in the
    // page cache only, and is relied on: from here on it is durable.
    std::optional<fault> unreadable;
    if (auto synced = sync_directory(directory); !synced)
        hold_as_damaged(job, synced.error(), unreadable);
    if (auto state = read_job_state(directory))
        job.state = std::move(*state);
    else
        hold_as_damaged(job, state.error(), unreadable);
    std::erase_if(job.state.holds, [](const hold& h) { return h.cause == hold_cause::damaged; });

    auto mark = mark_file::open(directory + "/" + std::string(mark_file_name));
    if (!mark)
        hold_as_damaged(job, mark.error(), unreadable);
    else if (const auto settled = mark->settle(); !settled)
        hold_as_damaged(job, settled.error(), unreadable);
    else if (mark->reading().damaged)
        // No crash does this; whatever was sent, every token may have been.
        job.mark =
            send_mark{.epoch = job.state.epoch + 1, .upto = job.manifest.total, .durable_bytes = 0};
    else
        job.mark = mark->reading().mark.value_or(send_mark{});

    const std::string input = directory + "/" + std::string(input_file);
    if (const auto wrong = check_input(input, job.manifest, options.verify_input))
        hold_as_damaged(job, *wrong, unreadable);
    const std::string log = directory + "/" + std::string(results_file);
    if (const auto wrong = read_log(log, job, options.breaker_window_max))
        hold_as_damaged(job, *wrong, unreadable);
    if (unreadable && !options.unreadable_is_damaged)
        return *unreadable;
    return job;
}

}  // namespace reaper
