#pragma once
// Part of core/job_reader: the options of a job, from wherever a format has them (SPEC 4). Strict:
// an option that is misspelt, said twice or of a wrong type rejects the job, for it may be a guard.

#include "job_scanner.hpp"
#include "reaper/model/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reaper::job_file {

// What stands where an option's value is expected.
struct option_value
{
    enum class form : std::uint8_t
    {
        text,     // a string
        word,     // a YAML scalar without quotes: a string, a number or a truth value
        boolean,  // `text` is true or false
        integer,  // `text` has the digits of a whole number >= 0
        other,    // nothing, a fraction, a list, an object
    };

    form is = form::other;
    std::string_view text;
};

// A sentence if there is no option of that name; it names the nearest that there is.
[[nodiscard]] std::optional<std::string> check_option_name(std::string_view name);

// Sets one option; a sentence if the value cannot be, or the option was set before.
[[nodiscard]] std::optional<std::string> set_option(
    job_options& options, std::string_view name, const option_value& value
);

// A sentence if options contradict each other. To be asked when all are set.
[[nodiscard]] std::optional<std::string> check_together(const job_options& options);

// Reads YAML that begins on physical line `first_line`.
[[nodiscard]] std::optional<located_fault> read_front_matter(
    const std::string& yaml, std::uint64_t first_line, job_options& options
);

}  // namespace reaper::job_file
