#pragma once
// A job as it was found on disk, or as it was just taken in: what the engine starts from. Recovery
// feeds it the records of the results log one by one; it checks that they fit (SPEC 3, 5).

#include "reaper/base/result.hpp"
#include "reaper/core/bitset.hpp"
#include "reaper/core/latency.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/outcome.hpp"
#include "reaper/model/record.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace reaper {

struct recovered_job
{
    job_manifest manifest;
    job_state state;
    send_mark mark;  // {} if there is none
    ordinal_set settled;
    outcome_counts counts;
    std::uint64_t durable_bytes = 0;  // where the results log goes on
    std::deque<outcome> recent;       // the last outcomes of sent tokens since breaker_from
    unsigned misuse_in_row = 0;       // 403s at the end of the log
    latency_histogram latency;
    std::optional<fault> damage;  // why the job must be held, not continued

    // Counts one record of the log, in order. Sets `damage` if it does not fit the job.
    void take(const result_record& record, std::size_t recent_max);
};

// True if the record is of a token that was sent: the breaker counts these.
[[nodiscard]] bool was_sent(const result_record& record);

}  // namespace reaper
