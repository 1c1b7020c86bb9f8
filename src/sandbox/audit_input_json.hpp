#pragma once
// The token elements of a job file that is one JSON document, read as a stream: a file of ten
// million tokens never stands in memory.

#include "sandbox/options.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace sandbox {

// With the ordinal of the element, from 1, and its token; empty for an element that names none.
using element_callback = std::function<void(std::uint64_t, std::string_view)>;

[[nodiscard]] result<void> read_json_elements(
    const std::string& file, const element_callback& take
);

}  // namespace sandbox
