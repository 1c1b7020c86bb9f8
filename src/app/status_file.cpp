#include "reaper/app/status_file.hpp"

#include "reaper/base/units.hpp"
#include "reaper/io/file_ops.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace reaper {

namespace {

namespace json = boost::json;

// A status of many thousand jobs is some MiB. More than this is not our file.
constexpr std::size_t status_bytes_max = 256u << 20;

// ---- rendering ----

json::object to_json(const hold& h)
{
    json::object object;
    object["id"] = h.id;
    object["cause"] = to_string(h.cause);
    object["reason"] = h.reason;
    object["since"] = format_rfc3339(h.since);
    return object;
}

json::object to_json(const outcome_counts& counts)
{
    json::object object;
    for (const outcome o : all_outcomes)
        object[to_string(o)] = counts[o];
    return object;
}

json::object to_json(const job_view& job)
{
    json::object object;
    object["id"] = job.id;
    object["file"] = job.file;
    object["account"] = job.account;
    object["label"] = job.label;
    object["priority"] = to_string(job.prio);
    object["dry_run"] = job.dry_run;
    object["state"] = job.state;
    object["why"] = job.why;
    json::array& holds = object["holds"].emplace_array();
    for (const hold& h : job.holds)
        holds.push_back(to_json(h));
    object["total"] = job.total;
    object["outcomes"] = to_json(job.outcomes);
    object["in_flight"] = job.in_flight;
    object["retrying"] = job.retrying;
    object["durable_bytes"] = job.durable_bytes;
    object["pace_per_s"] = to_twelve_digits(job.pace_per_s);
    if (job.eta_s)
        object["eta_s"] = to_twelve_digits(*job.eta_s);
    object["submitted_at"] = format_rfc3339(job.submitted_at);
    if (job.started_at)
        object["started_at"] = format_rfc3339(*job.started_at);
    return object;
}

json::object to_json(const account_view& account)
{
    json::object object;
    object["name"] = account.name;
    object["limit"] = account.limit;
    object["state"] = account.state;
    object["why"] = account.why;
    object["connections"] = account.connections;
    object["in_flight"] = account.in_flight;
    object["window"] = account.window;
    object["requests"] = account.requests;
    return object;
}

json::object to_json(const limit_view& limit)
{
    json::object object;
    object["id"] = limit.id;
    object["pace_per_s"] = to_twelve_digits(limit.pace_per_s);
    object["gate_open"] = limit.gate_open;
    object["reopens_in_s"] = to_twelve_digits(limit.reopens_in_s);
    object["throttled"] = limit.throttled;
    return object;
}

json::object to_json(const intake_problem& problem)
{
    json::object object;
    object["path"] = problem.path;
    object["why"] = problem.why;
    return object;
}

template <class View>
json::array to_json(const std::vector<View>& views)
{
    json::array array;
    array.reserve(views.size());
    for (const View& view : views)
        array.push_back(to_json(view));
    return array;
}

// ---- reading: a member that is missing, or is not what it should be, leaves the default ----

void take(const json::object& object, std::string_view name, std::string& to)
{
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_string())
        to = std::string(std::string_view(value->get_string()));
}

void take(const json::object& object, std::string_view name, bool& to)
{
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_bool())
        to = value->get_bool();
}

void take(const json::object& object, std::string_view name, double& to)
{
    const json::value* value = object.if_contains(name);
    if (value != nullptr && value->is_number())
        to = to_twelve_digits(value->to_number<double>());
}

template <class Integer>
requires std::is_integral_v<Integer>

void take(const json::object& object, std::string_view name, Integer& to)
{
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_number())
        return;
    json::error_code not_exact;
    const Integer number = value->to_number<Integer>(not_exact);
    if (!not_exact)
        to = number;
}

void take(const json::object& object, std::string_view name, wall_time& to)
{
    std::string text;
    take(object, name, text);
    if (const auto time = parse_rfc3339(text))
        to = *time;
}

template <class Value>
void take(const json::object& object, std::string_view name, std::optional<Value>& to)
{
    if (!object.contains(name))
        return;
    Value value{};
    take(object, name, value);
    to = value;
}

hold read_view(const json::object& object, const hold*)
{
    hold h;
    take(object, "id", h.id);
    std::string cause;
    take(object, "cause", cause);
    h.cause = parse_hold_cause(cause).value_or(hold_cause::person);
    take(object, "reason", h.reason);
    take(object, "since", h.since);
    return h;
}

template <class View>
void take(const json::object& object, std::string_view name, std::vector<View>& to);

job_view read_view(const json::object& object, const job_view*)
{
    job_view job;
    take(object, "id", job.id);
    take(object, "file", job.file);
    take(object, "account", job.account);
    take(object, "label", job.label);
    std::string prio;
    take(object, "priority", prio);
    job.prio = parse_priority(prio).value_or(priority::normal);
    take(object, "dry_run", job.dry_run);
    take(object, "state", job.state);
    take(object, "why", job.why);
    take(object, "holds", job.holds);
    take(object, "total", job.total);
    const json::value* outcomes = object.if_contains("outcomes");
    if (outcomes != nullptr && outcomes->is_object()) {
        for (const outcome o : all_outcomes)
            take(outcomes->get_object(), to_string(o), job.outcomes[o]);
    }
    take(object, "in_flight", job.in_flight);
    take(object, "retrying", job.retrying);
    take(object, "durable_bytes", job.durable_bytes);
    take(object, "pace_per_s", job.pace_per_s);
    take(object, "eta_s", job.eta_s);
    take(object, "submitted_at", job.submitted_at);
    take(object, "started_at", job.started_at);
    return job;
}

account_view read_view(const json::object& object, const account_view*)
{
    account_view account;
    take(object, "name", account.name);
    take(object, "limit", account.limit);
    take(object, "state", account.state);
    take(object, "why", account.why);
    take(object, "connections", account.connections);
    take(object, "in_flight", account.in_flight);
    take(object, "window", account.window);
    take(object, "requests", account.requests);
    return account;
}

limit_view read_view(const json::object& object, const limit_view*)
{
    limit_view limit;
    take(object, "id", limit.id);
    take(object, "pace_per_s", limit.pace_per_s);
    take(object, "gate_open", limit.gate_open);
    take(object, "reopens_in_s", limit.reopens_in_s);
    take(object, "throttled", limit.throttled);
    return limit;
}

intake_problem read_view(const json::object& object, const intake_problem*)
{
    intake_problem problem;
    take(object, "path", problem.path);
    take(object, "why", problem.why);
    return problem;
}

template <class View>
void take(const json::object& object, std::string_view name, std::vector<View>& to)
{
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_array())
        return;
    for (const json::value& element : value->get_array()) {
        // The null pointer only chooses the overload.
        if (element.is_object())
            to.push_back(read_view(element.get_object(), static_cast<const View*>(nullptr)));
    }
}

}  // namespace

std::string render_job_view(const job_view& job)
{
    return json::serialize(to_json(job));
}

std::string render_status(const status_view& status)
{
    json::object object;
    object["format"] = status_format_version;
    object["version"] = status.version;
    object["state"] = status.state;
    object["pid"] = status.pid;
    object["boot_id"] = status.boot_id;
    object["written_at"] = format_rfc3339(status.written_at);
    object["heartbeat_ns"] = duration(status.heartbeat.time_since_epoch()).count();
    object["quiet_ns"] = status.quiet_for.count();
    object["jobs"] = to_json(status.jobs);
    object["accounts"] = to_json(status.accounts);
    object["limits"] = to_json(status.limits);
    object["problems"] = to_json(status.problems);
    object["trouble"] = status.trouble;
    return json::serialize(object);
}

result<status_view> parse_status(std::string_view text)
{
    json::error_code fails;
    const json::value document = json::parse(text, fails);
    if (fails || !document.is_object())
        return fault{"it is not a JSON object"};
    const json::object& object = document.get_object();

    int format = 0;
    take(object, "format", format);
    if (format != status_format_version) {
        return fault{fmt::format(
            "it has the format {}, and this version reads {}: use the commands of the version "
            "that runs as the daemon",
            format,
            status_format_version
        )};
    }

    status_view status;
    take(object, "version", status.version);
    take(object, "state", status.state);
    take(object, "pid", status.pid);
    take(object, "boot_id", status.boot_id);
    take(object, "written_at", status.written_at);
    std::int64_t heartbeat_ns = 0;
    take(object, "heartbeat_ns", heartbeat_ns);
    status.heartbeat = mono_time(duration(heartbeat_ns));
    std::int64_t quiet_ns = 0;
    take(object, "quiet_ns", quiet_ns);
    status.quiet_for = duration(quiet_ns);
    take(object, "jobs", status.jobs);
    take(object, "accounts", status.accounts);
    take(object, "limits", status.limits);
    take(object, "problems", status.problems);
    take(object, "trouble", status.trouble);
    return status;
}

result<status_view> read_status(const std::string& file)
{
    const auto text = read_file_bounded(file, status_bytes_max);
    if (!text)
        return text.error();
    auto status = parse_status(*text);
    if (!status)
        return fault{file + ": " + status.error().sentence};
    return status;
}

}  // namespace reaper
