#include "reaper/cli/commands.hpp"
#include "reaper/cli/record_printer.hpp"
#include "reaper/cli/spool_view.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/job_files.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <ostream>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr duration look_every = 250ms;
constexpr std::uint64_t chunk_bytes = 256 << 10;
constexpr std::uint64_t whole_file = std::numeric_limits<std::uint64_t>::max();

// How far the log may be shown: what is not synced is shown to nobody (SPEC 5).
std::uint64_t durable_bytes(const daemon_presence& daemon, const job_reference& job)
{
    if (job.place != job_place::active)
        return whole_file;
    if (const job_view* view = find_view(daemon, job.id))
        return view->durable_bytes;
    // A job that the daemon has not spoken of yet has nothing to show. Without a daemon the whole
    // lines are what the next one will find.
    return daemon.running ? 0 : whole_file;
}

// Prints a log from where it left off, round by round.
class log_follower
{
public:
    log_follower(const std::string& id, record_printer& printer) : id_(id), printer_(printer) {}

    // Prints up to `end` bytes of the file. ENOENT if it has been moved, or is not there yet.
    [[nodiscard]] result<void> print_to(const std::string& directory, std::uint64_t end)
    {
        const std::string path = directory + "/" + std::string(results_file);
        const unique_fd log(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!log)
            return system_fault("cannot read the results of " + id_);
        std::string buffer(chunk_bytes, '\0');
        while (offset_ < end) {
            const auto wanted = static_cast<std::size_t>(std::min(chunk_bytes, end - offset_));
            const ssize_t got = retry_interrupted([&] {
                return ::pread(log.get(), buffer.data(), wanted, static_cast<off_t>(offset_));
            });
            if (got < 0)
                return system_fault("cannot read " + path);
            if (got == 0)
                break;
            offset_ += static_cast<std::uint64_t>(got);
            const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
            if (auto printed = printer_.feed(bytes); !printed)
                return printed;
        }
        return {};
    }

private:
    std::string id_;
    record_printer& printer_;
    std::uint64_t offset_ = 0;
};

exit_status refuse(console& io, exit_status status, const std::string& sentence)
{
    io.err << "campaign-reaper: " << sentence << '\n';
    return status;
}

exit_status say_rejected(const spool_paths& spool, const std::string& id, console& io)
{
    const auto why = read_rejection(spool.rejected_job(id));
    return refuse(
        io,
        exit_status::failed,
        fmt::format(
            "{} was rejected, nothing was sent: {}", id, why ? why->reason : why.error().sentence
        )
    );
}

}  // namespace

exit_status show_results(const results_options& asked, const spool_paths& spool, console& io)
{
    const auto named = find_job_named(spool, look_for_daemon(spool, io), asked.job);
    if (!named)
        return refuse(io, exit_status::no_such_job, named.error().sentence);

    record_printer printer(io.out, asked.format, asked.outcomes);
    log_follower log(named->id, printer);
    for (bool moved = false;; io.sleep(look_every)) {
        // Where it is comes first, how much to show after: an ended job is shown to its end.
        const daemon_presence daemon = look_for_daemon(spool, io);
        const auto job = find_job_named(spool, daemon, named->id);
        if (!job)
            return refuse(io, exit_status::no_such_job, job.error().sentence);
        if (job->place == job_place::rejected)
            return say_rejected(spool, job->id, io);
        result<void> printed;
        if (!job->in_incoming)
            printed = log.print_to(directory_of(spool, *job), durable_bytes(daemon, *job));
        io.out.flush();
        // A job that has just ended is no longer where it was: the next look finds it in done/.
        const bool missing =
            !printed && printed.error().error_number == ENOENT && job->place == job_place::active;
        if (!printed && !missing)
            return refuse(io, exit_status::failed, printed.error().sentence);
        if (job->place == job_place::done)
            return exit_status::ok;
        if (asked.follow || (missing && !moved)) {
            moved = missing;
            continue;
        }
        if (job->in_incoming || missing)
            io.err << job->id << " has no results yet.\n";
        return exit_status::ok;
    }
}

}  // namespace reaper
