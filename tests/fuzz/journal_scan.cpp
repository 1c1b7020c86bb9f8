// Any bytes as results.jsonl: the scanner against a second one that sees the whole log at once, and
// the two ways of decoding a line against each other (docs/journal.md).

#include "feed_plan.hpp"
#include "reaper/core/journal_codec.hpp"

#include <algorithm>

namespace reaper::fuzz {
namespace {

struct scan
{
    std::vector<result_record> records;
    std::uint64_t valid = 0;
    std::uint64_t torn = 0;
    bool damaged = false;

    friend bool operator==(const scan&, const scan&) = default;
};

scan scan_pieces(const std::vector<std::string_view>& pieces)
{
    journal_scanner scanner;
    scan found;
    const auto drain = [&] {
        while (auto record = scanner.next()) {
            must(!scanner.damage(), "nothing comes after damage");
            found.records.push_back(std::move(*record));
        }
    };
    for (const std::string_view piece : pieces) {
        scanner.feed(piece);
        drain();
    }
    scanner.finish();
    drain();
    found.valid = scanner.valid_bytes();
    found.torn = scanner.torn_bytes();
    found.damaged = scanner.damage().has_value();
    return found;
}

// Whole lines that are records; what follows them is torn if it is one line, or none, and NULs.
scan expected_of(std::string_view log)
{
    scan expected;
    std::string_view rest = log;
    std::size_t end = 0;
    while ((end = rest.find('\n')) != rest.npos) {
        auto record = decode_record(rest.substr(0, end));
        if (!record)
            break;
        expected.records.push_back(std::move(*record));
        rest.remove_prefix(end + 1);
    }
    expected.valid = log.size() - rest.size();
    const std::string_view behind = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    expected.damaged = behind.find_first_not_of('\0') != behind.npos;
    expected.torn = expected.damaged ? 0 : rest.size();
    return expected;
}

void check_line(std::string_view line)
{
    const auto any = decode_any_form(line);
    if (const auto own = decode_own_form(line))
        must(any.has_value() && *any == *own, "both ways of decoding read the same");
    if (!any)
        return;
    must(any->n > 0 && any->line > 0, "a record has an ordinal and a line");
    std::string written;
    append_record(written, *any);
    must(written.size() <= record_bytes_max, "a record keeps to its room");
    must(written.find('\n') == written.size() - 1, "a record is one line");
    const auto again = decode_record(std::string_view(written).substr(0, written.size() - 1));
    must(again.has_value(), "what is written can be read");
    std::string rewritten;
    append_record(rewritten, *again);
    must(rewritten == written, "what is read is written as it was");
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    std::string_view rest = plan.text();
    const scan expected = expected_of(rest);
    must(scan_pieces({rest}) == expected, "the scanner reads what the format says");
    must(scan_pieces(plan.pieces(rest)) == expected, "pieces make no difference");
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        check_line(line);
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    }
    return 0;
}
