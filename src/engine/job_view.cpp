// What a job says of itself: why it waits, its status, its summary.

#include "reaper/base/units.hpp"
#include "reaper/engine/job.hpp"

#include <algorithm>

namespace reaper {

job::reason job::own_reason(instant now) const
{
    if (damage_)
        return {
            "held", "the job is damaged and must be looked at by a person: " + damage_->sentence};
    if (!trouble_.empty() || results_failed_)
        return {"disk", trouble_.empty() ? trouble_said_ : trouble_};
    if (ending_)
        return {"ending", ending_reason_ + ": the remaining tokens get their records"};
    if (is_held())
        return {"held", state_.holds.front().reason};
    if (account_ == nullptr)
        return {"account", no_account_};
    if (!lists_->fault.empty())
        return {"guard", lists_->fault};
    if (manifest_.options.not_before && now.wall < *manifest_.options.not_before)
        return {"not_before", "not before " + format_rfc3339(*manifest_.options.not_before)};
    return {};
}

bool job::is_stuck(instant now) const
{
    if (ending_ || in_flight_ > 0 || is_complete() || !commits_.is_durable())
        return false;
    // A disk may be mended while nobody looks.
    const std::string category = own_reason(now).category;
    return !category.empty() && category != "disk";
}

job_view job::view(instant now) const
{
    job_view view;
    view.id = id();
    view.file = manifest_.file;
    view.account = manifest_.account;
    view.label = manifest_.options.label.value_or("");
    view.prio = manifest_.options.prio.value_or(priority::normal);
    view.dry_run = is_dry();
    const reason why = own_reason(now);
    view.why = why.sentence;
    if (why.category.empty())
        view.state = "sending";
    else if (why.category == "held" || why.category == "ending")
        view.state = why.category;
    else
        view.state = "waiting";
    view.holds = state_.holds;
    view.total = manifest_.total;
    view.outcomes = commits_.durable();
    view.in_flight = in_flight_;
    view.retrying = waiting_tokens();
    view.durable_bytes = commits_.durable_bytes();
    view.pace_per_s = pace_per_s_;
    const auto left = static_cast<double>(manifest_.total - commits_.durable().total());
    if (why.category.empty() && pace_per_s_ > 0.01)
        view.eta_s = left / pace_per_s_;
    view.submitted_at = manifest_.submitted_at;
    view.started_at = state_.started_at;
    return view;
}

job_summary job::summary(instant now) const
{
    job_summary summary;
    summary.job = id();
    summary.file = manifest_.file;
    summary.sha256 = manifest_.sha256;
    summary.dropped_by = manifest_.dropped_by;
    summary.account = manifest_.account;
    summary.kind = manifest_.kind;
    summary.dry_run = is_dry();
    summary.options = manifest_.options;
    summary.submitted_at = manifest_.submitted_at;
    summary.started_at = state_.started_at;
    summary.finished_at = now.wall;
    summary.total = manifest_.total;
    summary.outcomes = commits_.durable();
    summary.requests = state_.requests;
    summary.throttled = state_.throttled;
    summary.paused_s = state_.paused_s;
    const double active = std::max(state_.active_s, 0.001);
    summary.pace_mean = static_cast<double>(latency_.count()) / std::max(active, 1.0);
    summary.pace_best = std::max(state_.best_pace, summary.pace_mean);
    summary.latency_p50_ms = latency_.percentile(0.50);
    summary.latency_p90_ms = latency_.percentile(0.90);
    summary.latency_p99_ms = latency_.percentile(0.99);
    summary.reason = ending_reason_;
    return summary;
}

}  // namespace reaper
