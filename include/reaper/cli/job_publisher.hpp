#pragma once
// Makes a checked job file appear in incoming/ whole or not at all (SPEC 2: `submit`): it is
// written and synced under a name that the daemon leaves alone, and then renamed.

#include "reaper/base/result.hpp"
#include "reaper/core/job_reader.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/model/job.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reaper {

// What reading a job file to its end found.
struct job_reading
{
    job_options options;
    std::uint64_t items = 0;
    std::uint64_t invalid = 0;
    std::vector<std::uint64_t> invalid_lines;  // the first ten
};

// Opens a file for reading from its start, as often as one likes: what comes through a pipe is
// copied into an unnamed file in `scratch_directory` first. `path` "-" reads `standard_input`.
[[nodiscard]] result<unique_fd> open_input(
    const std::string& path, int standard_input, const std::string& scratch_directory
);

// Reads a job file to its end. A fault says why it can be none. `rule` may be null (job_reader).
[[nodiscard]] result<job_reading> read_job_file(
    const unique_fd& input, job_format format, const token_rule* rule
);

// A job file that is on disk and synced, but not yet there for the daemon. If it is not published,
// it is removed.
class staged_job
{
public:
    // Copies `input` into `directory` with `added` written into it. What was written is read back
    // with `rule` while it is written: it must have the items of `seen` and the options of
    // `wanted`, so that nothing is published but what was checked.
    [[nodiscard]] static result<staged_job> write(
        const unique_fd& input,
        job_format format,
        const std::string& directory,
        const std::string& id,
        const job_options& added,
        const job_options& wanted,
        const job_reading& seen,
        const token_rule& rule
    );

    staged_job(staged_job&& other) noexcept;
    staged_job& operator=(staged_job&& other) noexcept;
    ~staged_job();

    // Durable when it returns.
    [[nodiscard]] result<void> publish();

    [[nodiscard]] const std::string& id() const { return id_; }

    // With invalid lines counted by the account's rule.
    [[nodiscard]] const job_reading& reading() const { return reading_; }

private:
    staged_job(std::string directory, std::string id, job_format format);

    void discard() noexcept;

    std::string directory_;
    std::string id_;
    std::string temporary_;  // empty once there is nothing to remove
    std::string final_;
    job_reading reading_;
};

}  // namespace reaper
