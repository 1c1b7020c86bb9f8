#pragma once
// What the commands ask of the daemon: files in control/, dropped there atomically
// (docs/journal.md). Read and written here, so that both sides agree.

#include "reaper/base/result.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// What is asked for a job. The name is the file's extension.
enum class job_order : std::uint8_t
{
    hold,
    release,
    cancel,
    prioritize,
};

[[nodiscard]] std::string_view to_string(job_order value);
[[nodiscard]] std::optional<job_order> parse_job_order(std::string_view text);

struct control_request
{
    std::string path;  // unlink it once what it asks is durable
    std::string job;
    job_order order = job_order::hold;
    std::string by;                    // user, made printable
    std::vector<std::uint64_t> holds;  // release: the holds that the person saw
    std::optional<priority> prio;      // prioritize
    std::int64_t changed_ns = 0;       // ctime: the order in which they are applied
};

struct control_scan
{
    // In the order of their ctime. Its clock ticks every few milliseconds; those of one tick come
    // by name, which does no harm: holds, named releases and cancels commute.
    std::vector<control_request> requests;
    std::vector<std::string> wanted_limits;  // ids of limits that a command wants to use
    std::vector<intake_problem> refused;     // no orders: reported, and removed by the caller
};

// Fills in what the content of a request says; its order is known from its name.
[[nodiscard]] result<void> parse_control(std::string_view text, control_request& request);

// Reads everything in control/. Files that begin with a dot are in the making. A fault only if the
// directory cannot be read; what cannot be read in it is refused.
[[nodiscard]] result<control_scan> read_control(const spool_paths& spool);

// Removes a request that has been carried out, or refused. Fine if it is gone.
[[nodiscard]] result<void> remove_control(const std::string& path);

// For the commands: writes the request, synced and renamed into place.
[[nodiscard]] result<void> write_control(const spool_paths& spool, const control_request& request);
[[nodiscard]] std::string want_path(const spool_paths& spool, std::string_view limit_id);

}  // namespace reaper
