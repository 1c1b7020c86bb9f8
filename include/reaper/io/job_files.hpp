#pragma once
// The JSON files of a job (docs/journal.md): job.json, state.json, summary.json, reason.json, and
// the origin of a file that is being taken in. Readers ignore members that they do not know, and
// refuse a `format` that they do not know: a newer daemon wrote it.

#include "reaper/base/result.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/summary.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// The options that were said, in the words of SPEC 4.
[[nodiscard]] boost::json::object options_to_json(const job_options& options);
[[nodiscard]] result<job_options> options_from_json(const boost::json::object& object);

[[nodiscard]] std::string render_manifest(const job_manifest& manifest);
[[nodiscard]] result<job_manifest> parse_manifest(std::string_view text);

[[nodiscard]] std::string render_job_state(const job_state& state);
[[nodiscard]] result<job_state> parse_job_state(std::string_view text);

[[nodiscard]] std::string render_summary(const job_summary& summary);
[[nodiscard]] result<job_summary> parse_summary(std::string_view text);

// Why a file was rejected: rejected/<id>/reason.json.
struct rejection
{
    std::string id;
    std::string file;  // as dropped, made printable
    std::string reason;
    std::vector<std::uint64_t> lines;  // the first ten that are at fault, where lines are
    std::string account;               // empty if it was not found out
    std::string dropped_by;
    wall_time at{};

    friend bool operator==(const rejection&, const rejection&) = default;
};

[[nodiscard]] std::string render_rejection(const rejection& why);
[[nodiscard]] result<rejection> parse_rejection(std::string_view text);

// What the claim's name does not tell: kept beside the copy until the job is published, so that a
// crash in between forgets neither the name nor, with it, the format.
struct file_origin
{
    std::string name;     // as dropped, any bytes
    std::string account;  // whose folder it was in; empty for incoming/

    friend bool operator==(const file_origin&, const file_origin&) = default;
};

[[nodiscard]] std::string render_origin(const file_origin& origin);
[[nodiscard]] result<file_origin> parse_origin(std::string_view text);

// From and to a job's directory. Writing replaces atomically and is durable when it returns.
[[nodiscard]] result<job_manifest> read_manifest(const std::string& job_directory);
[[nodiscard]] result<job_state> read_job_state(const std::string& job_directory);
[[nodiscard]] result<void> write_job_state(
    const std::string& job_directory, const job_state& state
);
[[nodiscard]] result<job_summary> read_summary(const std::string& job_directory);
[[nodiscard]] result<rejection> read_rejection(const std::string& job_directory);

}  // namespace reaper
