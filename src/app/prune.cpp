#include "reaper/app/prune.hpp"

#include "reaper/io/directory.hpp"
#include "reaper/io/spool_state.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

namespace reaper {

namespace {

constexpr int summary_age_factor = 4;

struct contents
{
    std::uint64_t bytes = 0;
    std::size_t files = 0;
    bool has_summary = false;
    wall_time ended_at{};  // when summary or reason were written, else the directory
};

wall_time modified_at(const struct stat& about)
{
    return wall_time{std::chrono::milliseconds{
        static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1000 +
        about.st_mtim.tv_nsec / 1'000'000}};
}

result<contents> look_into(const std::string& job)
{
    auto listing = directory_listing::open(job);
    if (!listing)
        return listing.error();
    contents found;
    struct stat about = {};
    if (::fstat(listing->descriptor(), &about) != 0)
        return system_fault("cannot look at " + job);
    found.ended_at = modified_at(about);
    bool dated = false;
    while (const auto name = listing->next()) {
        if (::fstatat(listing->descriptor(), name->c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        ++found.files;
        found.bytes += static_cast<std::uint64_t>(about.st_blocks) * 512;
        found.has_summary = found.has_summary || *name == summary_file;
        if (!dated && (*name == summary_file || *name == reason_file)) {
            found.ended_at = modified_at(about);
            dated = true;
        }
    }
    return found;
}

// Everything but the summary.
result<void> strip(const std::string& job)
{
    auto listing = directory_listing::open(job);
    if (!listing)
        return listing.error();
    while (const auto name = listing->next()) {
        if (*name == summary_file)
            continue;
        if (::unlinkat(listing->descriptor(), name->c_str(), 0) != 0 && errno != ENOENT)
            return system_fault("cannot remove " + job + "/" + *name);
    }
    return {};
}

result<void> prune_job(
    const std::string& job, wall_time now, duration age, bool may_remove, prune_report& report
)
{
    const auto found = look_into(job);
    if (!found)
        return found.error();
    const duration since = now - found->ended_at;
    const bool only_summary = found->has_summary && found->files == 1;
    const bool goes = since > age * summary_age_factor || (since > age && !found->has_summary);
    const bool is_stripped = since > age && found->has_summary && !only_summary;
    if (!goes && !is_stripped) {
        report.bytes_kept += found->bytes;
        return {};
    }
    if (!may_remove) {
        report.bytes_kept += found->bytes;
        report.more = true;
        return {};
    }
    ++report.removed;
    return goes ? remove_job_directory(job) : strip(job);
}

// The guard against the same file twice remembers a job as long as the job is remembered.
result<void> prune_sent(const spool_paths& spool)
{
    auto listing = directory_listing::open(spool.sent);
    if (!listing)
        return listing.error();
    while (const auto sha256 = listing->next()) {
        if (sha256->front() == '.')
            continue;
        const auto id = sent_by(spool, *sha256);
        if (!id)
            return id.error();
        const auto place = find_job(spool, *id);
        if (!place)
            return place.error();
        if (*place == job_place::nowhere)
            ::unlinkat(listing->descriptor(), sha256->c_str(), 0);
    }
    return {};
}

}  // namespace

result<prune_report> prune(
    const spool_paths& spool, wall_time now, duration age, std::size_t removals_max
)
{
    prune_report report;
    for (const auto& directory : {spool.done, spool.rejected}) {
        const auto ids = list_jobs(directory);
        if (!ids)
            return ids.error();
        for (const auto& id : *ids) {
            const bool may_remove = report.removed < removals_max;
            const auto pruned = prune_job(directory + "/" + id, now, age, may_remove, report);
            // One that cannot be removed must not keep the others.
            if (!pruned && report.trouble.empty())
                report.trouble = pruned.error().sentence;
        }
    }
    if (auto pruned = prune_sent(spool); !pruned)
        return pruned.error();
    return report;
}

}  // namespace reaper
