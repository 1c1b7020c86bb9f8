#pragma once
// Part of core/job_reader: what the header of a CSV file says of its rows.

#include "reaper/base/result.hpp"
#include "reaper/core/job_reader.hpp"

#include <cstddef>
#include <string_view>

namespace reaper::job_file {

struct csv_layout
{
    char separator = ',';
    std::size_t column = 0;  // where the tokens are
    std::size_t columns = 1;
};

// `header` is the first record without its line end; its quotes are closed.
[[nodiscard]] result<csv_layout> read_csv_header(std::string_view header, const token_rule* rule);

}  // namespace reaper::job_file
