#pragma once
// state/status.json: what the daemon shows of itself, as JSON (docs/journal.md). The daemon renders
// it about once a second; the commands read it. A reader ignores members that it does not know and
// refuses a format that it does not know.

#include "reaper/base/result.hpp"
#include "reaper/model/status.hpp"

#include <string>
#include <string_view>

namespace reaper {

// One JSON object, no line end. The views hold presentable text only, so it may be shown as it is.
[[nodiscard]] std::string render_status(const status_view& status);

// The object of one job, as it stands in the "jobs" of the whole.
[[nodiscard]] std::string render_job_view(const job_view& job);

// Members that are missing keep their defaults: an older daemon did not know them.
[[nodiscard]] result<status_view> parse_status(std::string_view text);

// ENOENT is in the fault's error_number if there is no such file: no daemon has run on this spool.
[[nodiscard]] result<status_view> read_status(const std::string& file);

}  // namespace reaper
