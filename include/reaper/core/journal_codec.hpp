#pragma once
// The bytes of results.jsonl (SPEC 5, docs/journal.md): one record, one line. A torn last line is
// what a crash leaves and is cut off; damage before the last line is loud.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reaper/base/result.hpp"
#include "reaper/model/record.hpp"

namespace reaper {

// No encoded record is longer, its line end included: what room to reserve for a request (P5).
inline constexpr std::size_t record_bytes_max = 512;

// Appends one line, with its '\n'. The message must be presentable() already (base/text.hpp).
void append_record(std::string& out, const result_record& record);

// Decodes one line without its '\n'. Fields that are not known are ignored. A fault says what is
// wrong with the line, never its text.
[[nodiscard]] result<result_record> decode_record(std::string_view line);

// Scans a results log that arrives in chunks. next() gives the records one by one.
class journal_scanner
{
public:
    void feed(std::string_view bytes);
    void finish();

    [[nodiscard]] std::optional<result_record> next();

    // The offset behind the last whole record: where the file is cut, and writing goes on.
    [[nodiscard]] std::uint64_t valid_bytes() const { return valid_bytes_; }

    // Bytes of a torn tail (after finish()): cut off by recovery.
    [[nodiscard]] std::uint64_t torn_bytes() const;

    // Set if a line that is not the last is no record: the job is held, nothing is overwritten.
    [[nodiscard]] const std::optional<fault>& damage() const { return damage_; }

private:
    std::string buffer_;
    std::size_t position_ = 0;  // of the next line in buffer_
    std::uint64_t valid_bytes_ = 0;
    std::uint64_t fed_bytes_ = 0;
    std::uint64_t line_ = 0;
    bool finished_ = false;
    std::optional<fault> damage_;
};

}  // namespace reaper
