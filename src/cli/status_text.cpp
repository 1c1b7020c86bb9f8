#include "reaper/cli/status_text.hpp"

#include "reaper/base/units.hpp"
#include "reaper/cli/render.hpp"

#include <fmt/format.h>

#include <ostream>

namespace reaper {

namespace {

// The sentence of a hold mostly names the command that lifts it; where it does not, it is named
// here.
void print_holds(std::ostream& out, const job_view& job, wall_time now)
{
    bool is_named = false;
    for (const hold& h : job.holds) {
        out << fmt::format(
            "  held ({}, {}): {}\n", to_string(h.cause), relative_to(h.since, now), h.reason
        );
        is_named = is_named || h.reason.find("campaign-reaper release") != std::string::npos;
    }
    if (!is_named)
        out << fmt::format("  to go on: campaign-reaper release {}\n", job.id);
}

std::string unfinished_list(const job_view& job)
{
    std::string list = outcome_list(job.outcomes);
    const auto add = [&list](std::uint64_t number, std::string_view what) {
        if (number > 0)
            list += fmt::format("{}{} {}", list.empty() ? "" : ", ", with_thousands(number), what);
    };
    add(job.in_flight, "in flight");
    add(job.retrying, "to try again");
    return list;
}

void print_waiting(std::ostream& out, const std::vector<waiting_file>& files)
{
    if (files.empty())
        return;
    out << "\nIn incoming/, not taken in yet:\n";
    for (const waiting_file& file : files)
        out << "  " << file.path << '\n';
}

void print_problems(std::ostream& out, const status_view& status)
{
    if (status.problems.empty())
        return;
    out << "\nNot taken in:\n";
    for (const intake_problem& problem : status.problems)
        out << fmt::format("  {}: {}\n", problem.path, problem.why);
}

const limit_view* find_limit(const status_view& status, const std::string& id)
{
    for (const limit_view& limit : status.limits) {
        if (limit.id == id)
            return &limit;
    }
    return nullptr;
}

void print_accounts(std::ostream& out, const status_view& status)
{
    if (status.accounts.empty())
        return;
    out << "\nAccounts:\n";
    for (const account_view& account : status.accounts) {
        out << fmt::format("  {}: {}", account.name, account.state);
        if (!account.why.empty())
            out << ": " << account.why;
        if (account.in_flight > 0)
            out << fmt::format(", {} in flight of {}", account.in_flight, account.window);
        if (const limit_view* limit = find_limit(status, account.limit)) {
            if (limit->pace_per_s > 0)
                out << ", pace " << show_rate(limit->pace_per_s);
            if (!limit->gate_open) {
                out << fmt::format(
                    ", told to slow down (429): sends again in {:.1f} s", limit->reopens_in_s
                );
            }
        }
        out << '\n';
    }
}

}  // namespace

void print_daemon(std::ostream& out, const daemon_presence& daemon, wall_time now)
{
    if (!daemon.unreadable.empty())
        out << "The daemon's status cannot be read: " << daemon.unreadable << '\n';
    if (!daemon.running) {
        out << "The daemon is not running";
        if (daemon.status)
            out << "; it last spoke " << relative_to(daemon.status->written_at, now);
        out << ". Start it with: systemctl start campaign-reaper (or: campaign-reaper run)\n";
        return;
    }
    if (!daemon.status) {
        out << "The daemon is starting.\n";
        return;
    }
    out << fmt::format(
        "campaign-reaper {}, {}, pid {}\n",
        daemon.status->version,
        daemon.status->state,
        daemon.status->pid
    );
    if (!daemon.responsive) {
        out << fmt::format(
            "It does not answer: what follows is from {}. Look at its log.\n",
            relative_to(daemon.status->written_at, now)
        );
    }
    if (!daemon.status->trouble.empty())
        out << "Nothing is sent: " << daemon.status->trouble << '\n';
}

void print_job(std::ostream& out, const job_view& job, wall_time now)
{
    out << fmt::format("{}  {}  {}", job.id, job.account, job.state);
    if (job.prio != priority::normal)
        out << ", " << to_string(job.prio);
    if (!job.label.empty())
        out << ", \"" << job.label << '"';
    out << '\n';
    const progress shown{job.outcomes.total(), job.total, job.pace_per_s, job.eta_s, job.dry_run};
    out << "  " << progress_line(shown) << '\n';
    const std::string counts = unfinished_list(job);
    if (!counts.empty())
        out << "  " << counts << '\n';
    // A hold says more than the one sentence of the state.
    if (job.state == "held" && !job.holds.empty())
        print_holds(out, job, now);
    else if (!job.why.empty())
        out << "  " << job.state << ": " << job.why << '\n';
}

void print_finished(std::ostream& out, const finished_job& job, wall_time now)
{
    if (job.summary) {
        const job_summary& summary = *job.summary;
        out << fmt::format(
            "  {}  ended {}: {}{}{}\n",
            job.id,
            relative_to(summary.finished_at, now),
            outcome_list(summary.outcomes),
            summary.reason.empty() ? "" : "; ",
            summary.reason
        );
    } else if (job.rejected) {
        out << fmt::format(
            "  {}  rejected {}: {}\n",
            job.id,
            relative_to(job.rejected->at, now),
            job.rejected->reason
        );
    } else {
        out << fmt::format("  {}  {}\n", job.id, job.unreadable);
    }
}

void print_summary(std::ostream& out, const job_summary& summary, wall_time now)
{
    const auto row = [&out](std::string_view name, const std::string& value) {
        if (!value.empty())
            out << fmt::format("  {:<10} {}\n", name, value);
    };
    out << fmt::format(
        "{}  {}  ended {}{}\n",
        summary.job,
        summary.account,
        relative_to(summary.finished_at, now),
        summary.dry_run ? " (dry run)" : ""
    );
    row("outcomes", outcome_list(summary.outcomes));
    row("ended", summary.reason);
    row("label", summary.options.label.value_or(""));
    row("dropped by", summary.dropped_by);
    row("submitted", format_rfc3339(summary.submitted_at));
    if (summary.started_at)
        row("started", format_rfc3339(*summary.started_at));
    row("finished", format_rfc3339(summary.finished_at));
    if (summary.requests > 0) {
        row("requests",
            fmt::format(
                "{}, of these {} answered 429",
                with_thousands(summary.requests),
                with_thousands(summary.throttled)
            ));
        row("pace",
            fmt::format(
                "{} on average, {} at best",
                show_rate(summary.pace_mean),
                show_rate(summary.pace_best)
            ));
        row("latency",
            fmt::format(
                "half within {:.0f} ms, 90 % within {:.0f} ms, 99 % within {:.0f} ms",
                summary.latency_p50_ms,
                summary.latency_p90_ms,
                summary.latency_p99_ms
            ));
    }
    for (const auto& [reason, seconds] : summary.paused_s) {
        const auto length =
            std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
        row("paused", fmt::format("{} for {}", show_duration(length), reason));
    }
    out << fmt::format("  Each token: campaign-reaper results {}\n", summary.job);
}

void print_snapshot(std::ostream& out, const spool_snapshot& shot, wall_time now)
{
    print_daemon(out, shot.daemon, now);
    if (!shot.unreadable.empty())
        out << "Some of the spool cannot be read: " << shot.unreadable << '\n';
    if (shot.jobs.empty())
        out << "\nNo job is active. Drop a file into incoming/, or: campaign-reaper submit FILE\n";
    for (const job_view& job : shot.jobs) {
        out << '\n';
        print_job(out, job, now);
    }
    print_waiting(out, shot.waiting);
    if (shot.daemon.running && shot.daemon.status) {
        print_problems(out, *shot.daemon.status);
        print_accounts(out, *shot.daemon.status);
    }
    if (!shot.finished.empty())
        out << "\nEnded lately:\n";
    for (const finished_job& job : shot.finished)
        print_finished(out, job, now);
}

}  // namespace reaper
