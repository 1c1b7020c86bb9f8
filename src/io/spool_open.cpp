// Opening the spool: what a start needs before its first scan.

#include "reaper/io/directory.hpp"
#include "reaper/io/spool.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace reaper {

namespace {

// Who may do what (SPEC 3). Only directories that are made here get these modes.
constexpr mode_t root_mode = 0755;
constexpr mode_t drop_mode = 0770;   // incoming, control: the group is for the operator to choose
constexpr mode_t job_mode = 0750;    // active, done, rejected
constexpr mode_t state_mode = 0711;  // status.json in it is for everybody
constexpr mode_t private_mode = 0700;

// What a person does about a directory that cannot be made or written.
std::string with_mend(const fault& why, const std::string& root)
{
    switch (why.error_number) {
        case EROFS:
            return why.sentence + ": mount the spool read-write";
        case EACCES:
        case EPERM:
            return why.sentence +
                   fmt::format(
                       ": give {} to the daemon's user (uid {}), e.g. chown -R {} {}",
                       root,
                       ::geteuid(),
                       ::geteuid(),
                       root
                   );
        case ENOSPC:
        case EDQUOT:
            return why.sentence + ": make room on that file system";
        case ENOENT:
            return why.sentence + ": make it, or set `spool` to where it is";
        default:
            return why.sentence;
    }
}

result<void> make_directories(const spool_paths& spool)
{
    const std::pair<const std::string&, mode_t> wanted[] = {
        {spool.incoming, drop_mode},
        {spool.control, drop_mode},
        {spool.active, job_mode},
        {spool.done, job_mode},
        {spool.rejected, job_mode},
        {spool.limits, private_mode},
        {spool.proofs, private_mode},
        {spool.sent, private_mode},
    };
    for (const auto& [path, mode] : wanted) {
        if (auto made = ensure_directory(path, mode); !made)
            return made;
    }
    return {};
}

// Moves a small file through the four directories: that is what a job does in its life. It proves
// that they are writable and on one file system better than any look at modes and devices.
result<void> prove_moves(const spool_paths& spool)
{
    // The lock is ours, so the name is: what a crash leaves of it goes at the next start.
    const std::string name = "/.probe";
    const std::array<std::string, 4> stops = {
        spool.active + name, spool.done + name, spool.rejected + name, spool.state + name};

    const unique_fd probe{
        ::open(stops[0].c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (probe.get() < 0)
        return system_fault("cannot write in " + spool.active);
    for (std::size_t i = 1; i < stops.size(); ++i) {
        if (::rename(stops[i - 1].c_str(), stops[i].c_str()) == 0)
            continue;
        const int error_number = errno;
        ::unlink(stops[i - 1].c_str());
        if (error_number == EXDEV) {
            return fault{
                "active, done, rejected and state of " + spool.root +
                    " must be on one file system: only incoming may be another",
                EXDEV};
        }
        return system_fault("cannot move a file to " + stops[i], error_number);
    }
    if (::unlink(stops.back().c_str()) != 0)
        return system_fault("cannot remove " + stops.back());
    return {};
}

void warn_of_modes(const spool_paths& spool, std::vector<intake_problem>& warnings)
{
    const std::pair<const std::string&, mode_t> allowed[] = {
        {spool.active, job_mode},
        {spool.done, job_mode},
        {spool.rejected, job_mode},
        {spool.state, 0755},
        {spool.control, 02770},
        {spool.incoming, 03775},
        {spool.limits, private_mode},
    };
    for (const auto& [path, most] : allowed) {
        struct stat about = {};
        if (::stat(path.c_str(), &about) != 0)
            continue;
        const mode_t beyond = about.st_mode & 0777 & ~most;
        if (beyond != 0) {
            warnings.push_back(
                {path,
                 fmt::format(
                     "mode {:04o} lets more people in than it should: chmod {:04o} {}",
                     about.st_mode & 07777,
                     about.st_mode & 07777 & ~beyond,
                     path
                 )}
            );
        }
    }
}

}  // namespace

result<open_spool> open_spool_at(
    const std::string& root, const std::vector<std::string>& accounts, const std::string& holder
)
{
    spool_paths paths{root};
    const auto give_up = [&root](const fault& why) {
        return fault{with_mend(why, root), why.error_number};
    };
    // The lock first: until it is ours, nothing else in the spool is our business.
    for (const auto& [path, mode] :
         {std::pair{paths.root, root_mode}, std::pair{paths.state, state_mode}}) {
        if (auto made = ensure_directory(path, mode); !made)
            return give_up(made.error());
    }
    // Whose directory this is may let nobody read it, and then this cannot be helped.
    static_cast<void>(sync_directory(parent_directory(paths.root)));
    auto lock = file_lock::acquire(paths.state + "/lock", holder);
    if (!lock) {
        if (lock.error().error_number == EWOULDBLOCK) {
            return fault{
                fmt::format(
                    "another daemon has the spool {} (pid and host: {}): stop it, or use another "
                    "spool",
                    root,
                    lock.error().sentence
                ),
                EWOULDBLOCK};
        }
        return give_up(lock.error());
    }
    if (auto made = make_directories(paths); !made)
        return give_up(made.error());
    // A job in a directory whose own name a power cut takes away is lost. This start may not have
    // made them, but the one before may have been killed before it came here.
    for (const auto& path : {paths.root, paths.state}) {
        if (auto synced = sync_directory(path); !synced)
            return give_up(synced.error());
    }
    auto warnings = ensure_account_folders(paths, accounts);
    if (auto moved = prove_moves(paths); !moved) {
        // A full disk is waited out (SPEC P5); whatever else keeps jobs from moving is not.
        const int cause = moved.error().error_number;
        if (cause != ENOSPC && cause != EDQUOT)
            return give_up(moved.error());
        warnings.push_back({paths.root, with_mend(moved.error(), root)});
    }
    warn_of_modes(paths, warnings);
    return open_spool{std::move(paths), std::move(*lock), std::move(warnings)};
}

std::vector<intake_problem> ensure_account_folders(
    const spool_paths& spool, const std::vector<std::string>& accounts
)
{
    std::vector<intake_problem> problems;
    for (const auto& account : accounts) {
        const auto folder = spool.folder_of(account);
        if (const auto made = ensure_directory(folder, drop_mode); !made)
            problems.push_back({folder, with_mend(made.error(), folder)});
    }
    if (const auto synced = sync_directory(spool.incoming); !synced)
        problems.push_back({spool.incoming, with_mend(synced.error(), spool.incoming)});
    return problems;
}

}  // namespace reaper
