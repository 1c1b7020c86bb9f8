#pragma once
// Prints lines of results.jsonl as they are, as CSV, or as bare tokens; only the outcomes asked
// for.

#include "reaper/base/result.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/model/record.hpp"

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// One line of CSV (RFC 4180), without its line end. Numbers that do not exist are empty fields.
[[nodiscard]] std::string csv_line(const result_record& record);

class record_printer
{
public:
    // `out` must outlive the printer. An empty list of outcomes means all of them.
    record_printer(std::ostream& out, results_format format, std::vector<outcome> outcomes);

    // The next bytes of the log, from its start; a line may come in pieces. A fault means that the
    // log is damaged: nothing after it can be trusted.
    [[nodiscard]] result<void> feed(std::string_view bytes);

private:
    [[nodiscard]] result<void> print(std::string_view line);
    [[nodiscard]] bool is_wanted(outcome o) const;

    std::ostream& out_;
    results_format format_;
    std::vector<outcome> outcomes_;
    std::string rest_;  // of a line that is not whole yet
    std::uint64_t line_ = 0;
};

}  // namespace reaper
