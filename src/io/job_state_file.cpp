// state.json: what changes while a job is active, except for its results.

#include "json_members.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/io/job_files.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace reaper {

namespace {

// Joins rendered values to a JSON array, one to a line where they are objects.
std::string array_of(const std::vector<std::string>& values, std::string_view between)
{
    std::string out = "[";
    for (const auto& value : values) {
        if (out.size() > 1)
            out += ',';
        out += between;
        out += value;
    }
    return out + "]";
}

std::string render_hold(const hold& held)
{
    return fmt::format(
        R"({{"id": {}, "cause": {}, "reason": {}, "since": "{}"}})",
        held.id,
        json_quoted(to_string(held.cause)),
        json_quoted(held.reason),
        format_rfc3339(held.since)
    );
}

// A record as in results.jsonl, without its line end.
std::string render_record(const result_record& record)
{
    std::string line;
    append_record(line, record);
    line.pop_back();
    return line;
}

std::string real_members(const std::map<std::string, double>& values)
{
    std::string out = "{";
    for (const auto& [name, value] : values) {
        out += out.size() > 1 ? ", " : "";
        out += json_quoted(name) + ": " + members_writer::real_text(value);
    }
    return out + "}";
}

std::vector<hold> read_holds(members_reader& in)
{
    std::vector<hold> holds;
    for (const auto& value : in.array("holds")) {
        if (!value.is_object()) {
            in.fail("holds", "an array of objects");
            break;
        }
        members_reader one{value.get_object(), members_reader::nested{}};
        hold held;
        held.id = one.number("id");
        held.cause = one.word("cause", &parse_hold_cause);
        held.reason = one.text("reason");
        held.since = one.time("since");
        if (one.failure()) {
            in.fail(*one.failure());
            break;
        }
        holds.push_back(std::move(held));
    }
    return holds;
}

std::vector<result_record> read_provisional(members_reader& in)
{
    std::vector<result_record> records;
    for (const auto& value : in.array("provisional")) {
        auto record = decode_record(boost::json::serialize(value));
        if (!record) {
            in.fail(record.error());
            break;
        }
        records.push_back(std::move(*record));
    }
    return records;
}

}  // namespace

std::string render_job_state(const job_state& state)
{
    std::vector<std::string> holds;
    for (const auto& held : state.holds)
        holds.push_back(render_hold(held));
    std::vector<std::string> provisional;
    for (const auto& record : state.provisional)
        provisional.push_back(render_record(record));
    std::vector<std::string> unknown;
    for (const auto n : state.unknown)
        unknown.push_back(std::to_string(n));

    members_writer out;
    out.raw("holds", array_of(holds, "\n    "));
    out.number("next_hold_id", state.next_hold_id);
    out.time_or_null("cancelled_at", state.cancelled_at);
    out.flag("hold_after_done", state.hold_after_done);
    out.flag("route_released", state.route_released);
    out.flag("dry_run", state.dry_run);
    out.number("breaker_from", state.breaker_from);
    out.raw("provisional", array_of(provisional, "\n    "));
    out.time("started_at", state.started_at);
    out.number("requests", state.requests);
    out.number("throttled", state.throttled);
    out.raw("paused_s", real_members(state.paused_s));
    out.real("active_s", state.active_s);
    out.real("best_pace", state.best_pace);
    out.flag("clean", state.clean);
    out.number("epoch", state.epoch);
    out.raw("unknown", array_of(unknown, ""));
    return std::move(out).finish();
}

result<job_state> parse_job_state(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    job_state state;
    state.holds = read_holds(in);
    state.next_hold_id = in.number("next_hold_id");
    state.cancelled_at = in.time_or_null("cancelled_at");
    state.hold_after_done = in.flag("hold_after_done");
    state.route_released = in.flag("route_released");
    state.dry_run = in.flag("dry_run");
    state.breaker_from = in.number("breaker_from");
    state.provisional = read_provisional(in);
    state.started_at = in.optional_time("started_at");
    state.requests = in.number("requests");
    state.throttled = in.number("throttled");
    state.paused_s = in.reals("paused_s");
    state.active_s = in.real("active_s");
    state.best_pace = in.real("best_pace");
    state.clean = in.flag("clean");
    state.epoch = in.number("epoch");
    for (const auto& n : in.array("unknown"))
        state.unknown.push_back(in.number_of(n, "unknown"));
    if (in.failure())
        return *in.failure();
    return state;
}

}  // namespace reaper
