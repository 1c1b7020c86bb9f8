// summary.json: what became of a job that has ended (SPEC 5).

#include "json_members.hpp"
#include "reaper/io/job_files.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace reaper {

namespace {

// Pace and latency are for people: more than three decimals are noise.
std::string short_real(double value)
{
    return members_writer::real_text(std::round(value * 1000) / 1000);
}

std::string outcome_members(const outcome_counts& counts)
{
    std::string out = "{";
    for (const auto o : all_outcomes) {
        if (counts[o] != 0)
            out +=
                fmt::format(R"({}"{}": {})", out.size() > 1 ? ", " : "", to_string(o), counts[o]);
    }
    return out + "}";
}

std::string paused_members(const std::map<std::string, double>& paused_s)
{
    std::string out = "{";
    for (const auto& [reason, seconds] : paused_s) {
        out += out.size() > 1 ? ", " : "";
        out += json_quoted(reason) + ": " + short_real(seconds);
    }
    return out + "}";
}

outcome_counts read_outcomes(members_reader& in)
{
    outcome_counts counts;
    for (const auto& member : in.object("outcomes")) {
        const std::string_view name{member.key().data(), member.key().size()};
        if (const auto o = parse_outcome(name))
            counts[*o] = in.number_of(member.value(), "outcomes");
    }
    return counts;
}

void read_figures(members_reader& in, job_summary& summary)
{
    members_reader pace{in.object("pace"), members_reader::nested{}};
    members_reader latency{in.object("latency_ms"), members_reader::nested{}};
    summary.pace_mean = pace.real("mean");
    summary.pace_best = pace.real("best");
    summary.latency_p50_ms = latency.real("p50");
    summary.latency_p90_ms = latency.real("p90");
    summary.latency_p99_ms = latency.real("p99");
    for (const auto* part : {&pace, &latency}) {
        if (part->failure())
            in.fail(*part->failure());
    }
    summary.paused_s = in.reals("paused");
}

}  // namespace

std::string render_summary(const job_summary& summary)
{
    members_writer out;
    out.text("job", summary.job);
    out.text("file", summary.file);
    out.text("sha256", summary.sha256);
    out.text("dropped_by", summary.dropped_by);
    out.text("account", summary.account);
    out.text("kind", to_string(summary.kind));
    out.flag("dry_run", summary.dry_run);
    out.raw("options", boost::json::serialize(options_to_json(summary.options)));
    out.time("submitted_at", summary.submitted_at);
    out.time("started_at", summary.started_at);
    out.time("finished_at", summary.finished_at);
    out.number("total", summary.total);
    out.raw("outcomes", outcome_members(summary.outcomes));
    out.number("requests", summary.requests);
    out.number("throttled", summary.throttled);
    out.raw("paused", paused_members(summary.paused_s));
    out.raw(
        "pace",
        fmt::format(
            R"({{"mean": {}, "best": {}}})",
            short_real(summary.pace_mean),
            short_real(summary.pace_best)
        )
    );
    out.raw(
        "latency_ms",
        fmt::format(
            R"({{"p50": {}, "p90": {}, "p99": {}}})",
            short_real(summary.latency_p50_ms),
            short_real(summary.latency_p90_ms),
            short_real(summary.latency_p99_ms)
        )
    );
    if (!summary.reason.empty())
        out.text("reason", summary.reason);
    return std::move(out).finish();
}

result<job_summary> parse_summary(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    job_summary summary;
    summary.job = in.text("job");
    summary.file = in.text("file");
    summary.sha256 = in.text("sha256");
    summary.dropped_by = in.text("dropped_by");
    summary.account = in.text("account");
    summary.kind = in.word("kind", &parse_campaign_kind);
    summary.dry_run = in.flag("dry_run");
    summary.submitted_at = in.time("submitted_at");
    summary.started_at = in.optional_time("started_at");
    summary.finished_at = in.time("finished_at");
    summary.total = in.number("total");
    summary.outcomes = read_outcomes(in);
    summary.requests = in.number("requests");
    summary.throttled = in.number("throttled");
    read_figures(in, summary);
    if (in.has("reason"))
        summary.reason = in.text("reason");
    auto options = options_from_json(in.object("options"));
    if (!options)
        in.fail(options.error());
    if (in.failure())
        return *in.failure();
    summary.options = std::move(*options);
    return summary;
}

}  // namespace reaper
