#pragma once
// Ends a job on disk (SPEC 3, 5): writes what remains and the summary beside the results, gives
// back what was reserved, and moves the directory to done/. Every step can be done again: a crash
// at any point leaves the job in active/, to be ended anew, or in done/, whole.

#include "reaper/base/result.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/summary.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reaper {

// The options of remaining.txt, and of `retry`: those of the old job that still make sense. Its
// `count` does not, and a deadline or a start only if it is still to come.
[[nodiscard]] job_options options_for_rest(const job_manifest& manifest, wall_time now);

class job_finisher
{
public:
    // Everything that the results log holds must be durable, and nobody may write to it any more.
    job_finisher(spool_paths spool, job_manifest manifest, job_summary summary);

    // Does one bounded piece of work: about 256 KiB of the results log, or one change. True when
    // the job is in done/, durably. After a fault the same step may be tried again.
    [[nodiscard]] result<bool> step();

private:
    enum class phase : std::uint8_t
    {
        starting,
        trimming,  // first: on a full disk what was reserved is the room for the rest
        opening_rest,
        collecting,  // tokens that were not deleted, from the results log
        closing_rest,
        writing_summary,
        moving,
        syncing,
        finished,
    };

    result<void> perform();
    result<void> start();
    result<void> open_rest();
    [[nodiscard]] bool nothing_remains() const;
    result<void> collect_piece();
    result<void> restart(result<void> why);
    result<void> note_rest(const result_record& record);
    result<void> flush_rest();
    result<void> close_rest();
    result<void> trim();
    result<void> move();

    [[nodiscard]] std::string file(std::string_view name) const;
    [[nodiscard]] std::string unfinished_rest() const;

    spool_paths spool_;
    job_manifest manifest_;
    job_summary summary_;
    phase phase_ = phase::starting;

    unique_fd results_;
    unique_fd rest_;
    journal_scanner scanner_;
    std::uint64_t offset_ = 0;
    std::uint64_t rest_count_ = 0;
    std::string pending_;
    std::string piece_;  // of the results, in hand
};

// All steps at once.
[[nodiscard]] result<void> finish_job(
    const spool_paths& spool, const job_manifest& manifest, const job_summary& summary
);

}  // namespace reaper
