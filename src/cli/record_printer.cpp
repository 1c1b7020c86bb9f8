#include "reaper/cli/record_printer.hpp"

#include "reaper/core/journal_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <utility>

namespace reaper {

namespace {

constexpr std::string_view csv_header = "ts,n,line,token,outcome,status,code,message,attempts,ms\n";

// In quotes where RFC 4180 asks for them.
std::string csv_field(const std::string& text)
{
    if (text.find_first_of("\",\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        if (c == '"')
            quoted += c;
    }
    return quoted + '"';
}

}  // namespace

std::string csv_line(const result_record& record)
{
    return fmt::format(
        "{},{},{},{},{},{},{},{},{},{}",
        format_rfc3339(record.ts),
        record.n,
        record.line,
        csv_field(record.token),
        to_string(record.result),
        record.status == 0 ? std::string() : std::to_string(record.status),
        csv_field(record.code),
        csv_field(record.message),
        record.attempts,
        record.milliseconds < 0 ? std::string() : fmt::format("{:.1f}", record.milliseconds)
    );
}

record_printer::record_printer(
    std::ostream& out, results_format format, std::vector<outcome> outcomes
)
    : out_(out), format_(format), outcomes_(std::move(outcomes))
{
    if (format_ == results_format::csv)
        out_ << csv_header;
}

result<void> record_printer::feed(std::string_view bytes)
{
    for (;;) {
        const auto end = bytes.find('\n');
        if (end == std::string_view::npos)
            break;
        ++line_;
        std::string_view line = bytes.substr(0, end);
        if (!rest_.empty())
            line = rest_ += line;
        if (auto printed = print(line); !printed)
            return printed;
        rest_.clear();
        bytes.remove_prefix(end + 1);
    }
    rest_ += bytes;
    return {};
}

result<void> record_printer::print(std::string_view line)
{
    const auto record = decode_record(line);
    if (!record) {
        return fault{fmt::format(
            "the results log is damaged in line {}: {}", line_, record.error().sentence
        )};
    }
    if (!is_wanted(record->result))
        return {};
    switch (format_) {
        case results_format::jsonl:
            out_ << line << '\n';  // as it is: a newer daemon may write fields unknown here
            break;
        case results_format::csv:
            out_ << csv_line(*record) << '\n';
            break;
        case results_format::tokens:
            if (!record->token.empty())
                out_ << record->token << '\n';
            break;
    }
    return {};
}

bool record_printer::is_wanted(outcome o) const
{
    return outcomes_.empty() || std::find(outcomes_.begin(), outcomes_.end(), o) != outcomes_.end();
}

}  // namespace reaper
