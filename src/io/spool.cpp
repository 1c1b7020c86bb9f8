#include "reaper/io/spool.hpp"

#include "reaper/io/directory.hpp"
#include "reaper/model/job.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace reaper {

namespace {

constexpr std::string_view claim_ending = ".claim";
constexpr std::string_view staging_ending = ".new";

// The id in ".<id><ending>", or empty.
std::string_view hidden_id(std::string_view name, std::string_view ending)
{
    if (name.size() <= ending.size() + 1 || name.front() != '.' || !name.ends_with(ending))
        return {};
    const auto id = name.substr(1, name.size() - 1 - ending.size());
    return is_job_id(id) ? id : std::string_view{};
}

}  // namespace

spool_paths::spool_paths(std::string root_directory)
    : root(std::move(root_directory)),
      incoming(root + "/incoming"),
      control(root + "/control"),
      active(root + "/active"),
      done(root + "/done"),
      rejected(root + "/rejected"),
      state(root + "/state"),
      limits(state + "/limits"),
      proofs(state + "/proofs"),
      sent(state + "/sent")
{
}

std::string spool_paths::folder_of(std::string_view account) const
{
    return account.empty() ? incoming : incoming + "/" + std::string{account};
}

std::string spool_paths::active_job(std::string_view id) const
{
    return active + "/" + std::string{id};
}

std::string spool_paths::done_job(std::string_view id) const
{
    return done + "/" + std::string{id};
}

std::string spool_paths::rejected_job(std::string_view id) const
{
    return rejected + "/" + std::string{id};
}

std::string spool_paths::staging(std::string_view id) const
{
    return active + "/." + std::string{id} + std::string{staging_ending};
}

std::string claim_name(std::string_view id)
{
    return "." + std::string{id} + std::string{claim_ending};
}

std::string_view claimed_id(std::string_view file_name)
{
    return hidden_id(file_name, claim_ending);
}

result<job_place> find_job(const spool_paths& spool, std::string_view id)
{
    const std::pair<job_place, std::string> places[] = {
        {job_place::active, spool.active_job(id)},
        {job_place::done, spool.done_job(id)},
        {job_place::rejected, spool.rejected_job(id)},
    };
    for (const auto& [place, path] : places) {
        struct stat about = {};
        if (::lstat(path.c_str(), &about) == 0)
            return place;
        if (errno != ENOENT)
            return system_fault("cannot look at " + path);
    }
    return job_place::nowhere;
}

result<std::vector<std::string>> list_jobs(const std::string& directory)
{
    auto listing = directory_listing::open(directory);
    if (!listing)
        return listing.error();
    std::vector<std::string> ids;
    while (auto name = listing->next()) {
        if (is_job_id(*name))
            ids.push_back(std::move(*name));
    }
    if (listing->failed())  // half a list would be taken for all there is
        return system_fault("cannot read the directory " + directory, listing->failure());
    std::sort(ids.begin(), ids.end());
    return ids;
}

result<std::vector<std::string>> list_staging(const spool_paths& spool)
{
    auto listing = directory_listing::open(spool.active);
    if (!listing)
        return listing.error();
    std::vector<std::string> ids;
    while (const auto name = listing->next()) {
        if (const auto id = hidden_id(*name, staging_ending); !id.empty())
            ids.emplace_back(id);
    }
    if (listing->failed())
        return system_fault("cannot read the directory " + spool.active, listing->failure());
    std::sort(ids.begin(), ids.end());
    return ids;
}

}  // namespace reaper
