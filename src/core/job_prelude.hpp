#pragma once
// Part of core/job_reader: what may stand before the body of a file: a byte order mark, and the
// front matter of .txt and .csv between two `---` lines (SPEC 4).

#include "job_scanner.hpp"
#include "reaper/model/job.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reaper::job_file {

class prelude
{
public:
    // `options` must outlive the prelude.
    prelude(bool with_front_matter, job_options& options);

    // Takes from the front of `bytes` what belongs to the prelude. Returns bytes taken earlier that
    // turned out to be the body's: they come before what is left in `bytes`. They live for ever.
    [[nodiscard]] std::string_view take(std::string_view& bytes);

    // The file ends here; returns the same as take().
    [[nodiscard]] std::string_view finish();

    // From now on every byte is the body's.
    [[nodiscard]] bool settled() const { return at_ == place::settled; }

    [[nodiscard]] const std::optional<located_fault>& failure() const { return failure_; }

    // The physical line of the next byte.
    [[nodiscard]] std::uint64_t line() const { return line_; }

private:
    enum class place : std::uint8_t
    {
        mark,    // `held_` bytes of a byte order mark are seen
        dashes,  // `held_` bytes of the line that opens front matter are seen
        inside,  // the front matter
        settled,
    };

    std::string_view take_mark(std::string_view& bytes);
    std::string_view take_dashes(std::string_view& bytes);
    void take_inside(std::string_view& bytes);
    [[nodiscard]] bool last_line_closes() const;
    void close();
    void fail(std::string sentence);

    bool with_front_matter_;
    job_options* options_;
    place at_ = place::mark;
    std::size_t held_ = 0;
    std::string text_;            // of the front matter
    std::size_t line_start_ = 0;  // of its last line
    std::uint64_t line_ = 1;
    std::optional<located_fault> failure_;
};

}  // namespace reaper::job_file
