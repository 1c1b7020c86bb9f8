// Records made of the fuzzer's bytes: what is written is read back the same, and keeps to its room
// and its line, however long code and message are.

#include "feed_plan.hpp"
#include "reaper/base/text.hpp"
#include "reaper/core/journal_codec.hpp"

#include <algorithm>

namespace reaper::fuzz {
namespace {

result_record make_record(byte_source& from)
{
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    // The years 0 to 9999, which is what RFC 3339 can write.
    static const wall_time first = *parse_rfc3339("0000-01-01T00:00:00Z");
    static const wall_time last = *parse_rfc3339("9999-12-31T23:59:59.999Z");
    result_record record;
    record.result = all_outcomes[from.byte() % outcome_count];
    const auto span = static_cast<std::uint64_t>((last - first).count()) + 1;
    record.ts = first + std::chrono::milliseconds(from.number(7) % span);
    record.n = std::max<std::uint64_t>(from.number(from.byte() % 9), 1);
    record.line = std::max<std::uint64_t>(from.number(from.byte() % 9), 1);
    for (std::size_t size = from.byte() % 129; size > 0; --size)
        record.token += alphabet[from.byte() % alphabet.size()];
    record.status = static_cast<int>(from.number(2) % 1000);
    record.attempts = static_cast<unsigned>(from.number(from.byte() % 5));
    if (from.byte() % 4 != 0)
        record.milliseconds = static_cast<double>(from.number(5)) / 10;
    record.code = presentable(from.take(from.byte() % 48), {}, 64);
    record.message = presentable(from.take(from.byte()), {});
    return record;
}

void check(const result_record& record)
{
    std::string line = "before\n";
    append_record(line, record);
    line.erase(0, 7);
    must(line.size() <= record_bytes_max, "a record keeps to its room");
    must(line.find('\n') == line.size() - 1, "a record is one line");
    line.pop_back();
    const auto read = decode_record(line);
    must(read.has_value(), "what is written can be read");
    result_record expected = record;
    // Only these two may have been cut, and both show it.
    if (read->code != record.code)
        must(read->code.ends_with("..."), "a cut code shows it");
    if (read->message != record.message)
        must(read->message.ends_with("..."), "a cut message shows it");
    expected.code = read->code;
    expected.message = read->message;
    must(*read == expected, "a record is read back as it was written");
    const auto any = decode_any_form(line);
    must(any.has_value() && *any == *read, "both ways of decoding read the same");
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    reaper::fuzz::byte_source from(reaper::fuzz::feed_plan(data, size).text());
    for (unsigned records = 0; records < 3 && !from.empty(); ++records)
        reaper::fuzz::check(reaper::fuzz::make_record(from));
    return 0;
}
