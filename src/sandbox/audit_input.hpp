#pragma once
// Reads the input of a job for the audit: what its token lines are. Written from the description of
// the job file formats, not from the daemon's reader.

#include "sandbox/options.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sandbox {

struct input_item
{
    std::uint64_t line = 0;  // physical line or JSON element, from 1; 0 where it is not clear
    bool valid = false;
    std::string_view token;  // only while the callback runs
};

using input_callback = std::function<void(const input_item&)>;

// `format` is text, csv, json or jsonl.
[[nodiscard]] result<void> read_job_input(
    const std::string& file,
    std::string_view format,
    bool any_token_shape,
    const input_callback& take
);

}  // namespace sandbox
