#pragma once
// The guards between a job file and its first request (SPEC 4): which account it is for, whether it
// is taken, rejected or held, and the sentence that says so. An option of the file can only tighten
// what the config allows.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// The account that a file is for. `folder` is the account whose folder it was dropped in, empty for
// incoming/ itself: there the file decides, and the config where the file does not say. The pointer
// is into `config`.
[[nodiscard]] result<const account_settings*> choose_account(
    const settings& config, std::string_view folder, const job_options& options
);

// What reading the whole file found. `total` counts every token line.
struct job_census
{
    std::uint64_t total = 0;
    std::uint64_t invalid = 0;
    std::uint64_t duplicates = 0;
    std::vector<std::uint64_t> invalid_lines;  // the first ten

    // Tokens that would be deleted.
    [[nodiscard]] std::uint64_t distinct() const { return total - invalid - duplicates; }
};

struct admission
{
    std::string rejection;  // empty: the job is taken
    bool dry_run = false;
    std::vector<hold> holds;  // ids from 1
};

// `earlier_job` is the id of a job with the same SHA-256 that sent something, or empty.
//
// `count: N` is compared with the lines that are tokens, repeated ones too, invalid ones not: so a
// file that was cut inside its last token does not match although it has as many lines (P4).
[[nodiscard]] admission admit(
    const std::string& job_id,
    const account_settings& account,
    const job_options& options,
    const job_census& census,
    const std::string& earlier_job,
    wall_time now
);

// The tighter of the config and the job.
[[nodiscard]] std::uint64_t effective_max_deletes(
    const guard_settings& guards, const job_options& options
);
[[nodiscard]] std::optional<std::uint64_t> effective_hold_after(
    const guard_settings& guards, const job_options& options
);

}  // namespace reaper
