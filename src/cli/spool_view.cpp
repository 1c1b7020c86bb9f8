#include "reaper/cli/spool_view.hpp"

#include "reaper/app/status_file.hpp"
#include "reaper/core/intake_policy.hpp"
#include "reaper/io/file_ops.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

namespace reaper {

namespace {

namespace fs = std::filesystem;

// How many candidates an ambiguous name lists.
constexpr std::size_t candidates_shown = 5;

// Whether another process holds the lock; nullopt if this user may not look.
std::optional<bool> is_locked(const std::string& path)
{
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return errno == ENOENT ? std::optional<bool>(false) : std::nullopt;
    struct flock wanted = {};
    wanted.l_type = F_WRLCK;
    wanted.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_OFD_GETLK, &wanted) != 0)
        return std::nullopt;
    return wanted.l_type != F_UNLCK;
}

void add_files(
    const std::string& directory, const std::string& shown_as, std::vector<waiting_file>& found
)
{
    std::error_code fails;
    for (const auto& entry : fs::directory_iterator(directory, fails)) {
        const std::string name = entry.path().filename();
        const std::string_view claimed = claimed_id(name);
        const std::string stem = entry.path().stem();
        if (!claimed.empty()) {
            found.push_back({shown_as + "/" + name, std::string(claimed)});
        } else if (!intake_policy::is_left_alone(name) && !entry.is_directory(fails)) {
            found.push_back({shown_as + "/" + name, is_job_id(stem) ? stem : std::string()});
        }
    }
}

// Ids in any place that contain `word`.
std::set<std::string> ids_like(
    const spool_paths& spool, const daemon_presence& daemon, std::string_view word
)
{
    std::set<std::string> ids;
    const auto add = [&](const std::string& id) {
        if (id.find(word) != std::string::npos)
            ids.insert(id);
    };
    for (const auto& file : files_waiting(spool))
        add(file.id);
    for (const auto& directory : {spool.active, spool.done, spool.rejected}) {
        const auto listed = list_jobs(directory);
        if (listed)
            std::for_each(listed->begin(), listed->end(), add);
    }
    if (daemon.running && daemon.status) {
        for (const job_view& job : daemon.status->jobs)
            add(job.id);
    }
    ids.erase("");
    return ids;
}

bool may_look(const spool_paths& spool)
{
    return ::access(spool.active.c_str(), R_OK | X_OK) == 0 || errno == ENOENT;
}

fault ambiguous(const std::set<std::string>& ids, std::string_view word)
{
    std::vector<std::string> latest(ids.rbegin(), ids.rend());
    latest.resize(std::min(latest.size(), candidates_shown));
    return fault{fmt::format(
        "{} names {} jobs, among them: {}. Say more of the id",
        word,
        ids.size(),
        fmt::join(latest, ", ")
    )};
}

// "No such job" would be wrong where this user just may not look.
fault no_such_job(const spool_paths& spool, std::string_view word)
{
    if (!may_look(spool)) {
        return fault{fmt::format(
            "there is no job {} in what this user may see: run the command as root, or as a member "
            "of the group of {}",
            word,
            spool.active
        )};
    }
    return fault{
        fmt::format("there is no job {}: campaign-reaper status lists those there are", word)};
}

}  // namespace

daemon_presence look_for_daemon(const spool_paths& spool, const console& io)
{
    daemon_presence daemon;
    auto status = read_status(spool.state + "/status.json");
    if (status)
        daemon.status = std::move(*status);
    else if (status.error().error_number != ENOENT)
        daemon.unreadable = status.error().sentence;

    if (daemon.status && daemon.status->boot_id == io.boot_id)
        daemon.silence = io.now().mono - daemon.status->heartbeat;
    const bool fresh =
        daemon.silence && *daemon.silence - daemon.status->quiet_for <= heartbeat_age_max;
    // Who may not open the lock goes by the heartbeat. A clean stop says so.
    const bool stopped = daemon.status && daemon.status->state == "stopped";
    daemon.running = is_locked(spool.state + "/lock").value_or(fresh && !stopped);
    daemon.responsive = daemon.running && fresh;
    return daemon;
}

std::vector<waiting_file> files_waiting(const spool_paths& spool)
{
    std::vector<waiting_file> found;
    add_files(spool.incoming, "incoming", found);
    std::error_code fails;
    for (const auto& entry : fs::directory_iterator(spool.incoming, fails)) {
        const std::string name = entry.path().filename();
        if (entry.is_directory(fails) && !name.starts_with('.'))
            add_files(entry.path(), "incoming/" + name, found);
    }
    std::sort(found.begin(), found.end(), [](const waiting_file& a, const waiting_file& b) {
        return a.path < b.path;
    });
    return found;
}

result<job_reference> find_job_named(
    const spool_paths& spool, const daemon_presence& daemon, std::string_view word
)
{
    std::string id(word);
    if (!is_job_id(word)) {
        const auto ids = ids_like(spool, daemon, word);
        if (ids.empty())
            return no_such_job(spool, word);
        if (ids.size() > 1)
            return ambiguous(ids, word);
        id = *ids.begin();
    }

    const auto waiting = files_waiting(spool);
    const bool waits = std::any_of(waiting.begin(), waiting.end(), [&](const waiting_file& file) {
        return file.id == id;
    });
    const auto place = find_job(spool, id);
    if (place && *place != job_place::nowhere)
        return job_reference{id, false, *place};
    if (waits)
        return job_reference{id, true, job_place::nowhere};
    if (daemon.running && find_view(daemon, id) != nullptr)
        return job_reference{id, false, job_place::active};
    if (!place && may_look(spool))
        return place.error();
    return no_such_job(spool, word);
}

std::string directory_of(const spool_paths& spool, const job_reference& job)
{
    switch (job.place) {
        case job_place::active:
            return spool.active_job(job.id);
        case job_place::done:
            return spool.done_job(job.id);
        case job_place::rejected:
            return spool.rejected_job(job.id);
        case job_place::nowhere:
            break;
    }
    return {};
}

const job_view* find_view(const daemon_presence& daemon, std::string_view id)
{
    if (!daemon.status)
        return nullptr;
    for (const job_view& job : daemon.status->jobs) {
        if (job.id == id)
            return &job;
    }
    return nullptr;
}

}  // namespace reaper
