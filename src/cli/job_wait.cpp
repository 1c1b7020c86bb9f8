#include "reaper/cli/job_wait.hpp"

#include "reaper/base/text.hpp"
#include "reaper/cli/render.hpp"
#include "reaper/cli/spool_view.hpp"
#include "reaper/io/job_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>

namespace reaper {

namespace {

using namespace std::chrono_literals;

constexpr duration look_every = 250ms;
// Off a terminal a line is written when something changes, but mere progress not more often.
constexpr duration line_every = 30s;

// Shows one line that changes: redrawn on a terminal, one after another elsewhere.
class progress_display
{
public:
    explicit progress_display(console& io) : io_(io) {}

    // `kind` is what must not be missed: a new one is shown at once.
    void show(const std::string& kind, const std::string& line)
    {
        if (io_.err_is_terminal) {
            // A line that wraps could not be drawn over.
            io_.err << '\r' << presentable(line, {}, io_.columns - 1) << "\x1b[K" << std::flush;
            drawn_ = true;
            return;
        }
        const mono_time now = io_.now().mono;
        if (kind == kind_ && (line == line_ || now < shown_at_ + line_every))
            return;
        io_.err << line << std::endl;
        kind_ = kind;
        line_ = line;
        shown_at_ = now;
    }

    void end_with(const std::string& line)
    {
        if (drawn_)
            io_.err << "\r\x1b[K";
        drawn_ = false;
        io_.err << line << std::endl;
    }

private:
    console& io_;
    bool drawn_ = false;
    std::string kind_;
    std::string line_;
    mono_time shown_at_{};
};

exit_status show_summary(const job_summary& summary, progress_display& display)
{
    outcome_counts left = summary.outcomes;
    for (const outcome o : all_outcomes) {
        if (is_success(o))
            left[o] = 0;
    }
    std::string line = fmt::format(
        "{} has ended: {}",
        summary.job,
        summary.total == 0 ? "no tokens" : outcome_list(summary.outcomes)
    );
    if (!summary.reason.empty())
        line += " (" + summary.reason + ")";
    if (left.total() > 0)
        line += fmt::format("\nWhich and why: campaign-reaper results {}", summary.job);
    display.end_with(line);
    return left.total() == 0 ? exit_status::ok : exit_status::failed;
}

// A reason that only counts down is not a new one.
std::string without_digits(std::string text)
{
    std::erase_if(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    return text;
}

// Shows how a job stands that has not ended.
void show_progress(
    const std::string& id, const job_view* view, bool running, progress_display& display
)
{
    if (!running) {
        display.show(
            "down",
            fmt::format(
                "{}: no daemon is running; it goes on when one starts (Ctrl-C leaves it)", id
            )
        );
        return;
    }
    if (view == nullptr) {
        display.show("new", fmt::format("{}: waits to be taken in", id));
        return;
    }
    progress shown{
        view->outcomes.total(), view->total, view->pace_per_s, view->eta_s, view->dry_run};
    std::string line = progress_line(shown);
    if (!view->why.empty())
        line += fmt::format("  {}: {}", view->state, view->why);
    display.show(view->state + without_digits(view->why), line);
}

// The exit status once the job has ended.
std::optional<exit_status> look_at_end(
    const spool_paths& spool, const std::string& id, job_place place, progress_display& display
)
{
    if (place == job_place::done) {
        const auto summary = read_summary(spool.done_job(id));
        if (summary)
            return show_summary(*summary, display);
        display.end_with(fmt::format("{} has ended, but: {}", id, summary.error().sentence));
        return exit_status::failed;
    }
    if (place == job_place::rejected) {
        const auto why = read_rejection(spool.rejected_job(id));
        display.end_with(
            fmt::format("{} was rejected: {}", id, why ? why->reason : why.error().sentence)
        );
        return exit_status::failed;
    }
    return std::nullopt;
}

exit_status wait_for(const std::string& id, const spool_paths& spool, console& io)
{
    progress_display display(io);
    int missed = 0;
    for (;;) {
        const daemon_presence daemon = look_for_daemon(spool, io);
        const auto job = find_job_named(spool, daemon, id);
        if (job) {
            missed = 0;
            if (const auto ended = look_at_end(spool, id, job->place, display))
                return *ended;
            show_progress(id, find_view(daemon, id), daemon.running, display);
        } else if (++missed > 3) {
            // Once may be a move that was not seen whole; several times is the truth.
            display.end_with(fmt::format("{} cannot be seen any more: {}", id, job.error().sentence)
            );
            return exit_status::failed;
        }
        io.sleep(look_every);
    }
}

}  // namespace

exit_status wait_for_jobs(
    const std::vector<std::string>& ids, const spool_paths& spool, console& io
)
{
    exit_status worst = exit_status::ok;
    for (const std::string& id : ids)
        worst = std::max(worst, wait_for(id, spool, io));
    return worst;
}

}  // namespace reaper
