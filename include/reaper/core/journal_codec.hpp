#pragma once
// The bytes of results.jsonl (SPEC 5, docs/journal.md): one record, one line. A torn last line is
// what a crash leaves and is cut off; damage before the last line is loud.

#include "reaper/base/result.hpp"
#include "reaper/model/record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reaper {

// No encoded record is longer, its line end included: what room to reserve for a request (P5).
inline constexpr std::size_t record_bytes_max = 512;

// Appends one line, with its '\n'. The token must be empty or one that SPEC 4 admits (at most 128
// of A-Z a-z 0-9 _ -), the message presentable() (base/text.hpp). A code beyond 32 bytes and a
// message beyond what is left of record_bytes_max are cut on a character boundary and end in "...".
// Milliseconds keep one decimal.
void append_record(std::string& out, const record_view& record);

// A number in decimal digits. They are counted up where it is one more than the last: tokens are
// nearly always settled one after the other.
class ordinal_digits
{
public:
    // Valid until the next call.
    [[nodiscard]] std::string_view of(std::uint64_t value);

private:
    [[nodiscard]] bool count_up();

    std::array<char, 20> digits_{};  // the last size_ of them
    std::size_t size_ = 0;
    std::uint64_t value_ = 0;
};

// The same as append_record() for one line after the other, into room that is there. What the last
// line said before the ordinal and behind the token serves the next one: answers of one read nearly
// always have the millisecond, the outcome and the duration in common.
class record_encoder
{
public:
    using room = std::span<char, record_bytes_max>;

    // Returns the size of the line.
    [[nodiscard]] std::size_t encode(const record_view& record, room into);

private:
    [[nodiscard]] std::string_view opening(wall_time time);
    [[nodiscard]] std::string_view plain_ending(const record_view& record);

    wall_time time_{};
    std::string opening_;  // of time_; empty if there was none yet
    ordinal_digits n_;
    // The ending of a record without code and message, and what it was written for.
    outcome result_{};
    int status_ = 0;
    unsigned attempts_ = 0;
    double milliseconds_ = -1;
    std::string plain_ending_;  // empty if there was none yet
};

inline void append_record(std::string& out, const result_record& record)
{
    append_record(out, record_view(record));
}

// Decodes one line without its '\n'. Fields that are not known are ignored. A fault says what is
// wrong with the line, never its text.
[[nodiscard]] result<result_record> decode_record(std::string_view line);

// The two ways in which decode_record() reads, apart for the tests that compare them. The first
// knows only the form that append_record() writes, which makes recovery of 10 million records a
// matter of seconds, and gives nullopt for any other; the second takes any JSON.
[[nodiscard]] std::optional<result_record> decode_own_form(std::string_view line);
[[nodiscard]] result<result_record> decode_any_form(std::string_view line);

// Scans a results log that arrives in chunks: feed() and next() until nullopt, again and again,
// then finish() and next() once more. The same bytes give the same records, however they were cut.
//
// The last line is torn, not damaged, if it lacks its '\n' or is no record: after a crash the file
// may end in a partial write, or, with its size extended before its data, in NUL bytes. NULs at the
// end are torn too. A line that is no record with anything but NULs behind it is damage.
class journal_scanner
{
public:
    // Bytes are copied. Call when next() has returned nullopt.
    void feed(std::string_view bytes);
    void finish();

    // The next record; nullopt when more bytes are needed, at the end, or at damage.
    [[nodiscard]] std::optional<result_record> next();

    // The offset behind the last whole record: where the file is cut, and writing goes on.
    [[nodiscard]] std::uint64_t valid_bytes() const { return valid_bytes_; }

    // Bytes of a torn tail, after finish(): cut off by recovery. 0 if there is damage: then nothing
    // is cut.
    [[nodiscard]] std::uint64_t torn_bytes() const;

    // Set if a line that is not the last is no record: the job is held, nothing is overwritten.
    [[nodiscard]] const std::optional<fault>& damage() const { return damage_; }

    // The line at fault has NULs in it: a hole, which a power cut may leave in what was not synced.
    // Whether it was, the caller knows: then valid_bytes() is where to cut.
    [[nodiscard]] bool damage_has_nul() const { return damage_ && suspicion_has_nul_; }

private:
    void pass_over_tail();

    std::string buffer_;
    std::size_t position_ = 0;  // of the next line in buffer_
    std::size_t searched_ = 0;  // no line end lies in buffer_ between position_ and here
    std::uint64_t valid_bytes_ = 0;
    std::uint64_t fed_bytes_ = 0;
    std::uint64_t line_ = 0;  // lines that were records
    bool finished_ = false;
    std::optional<fault> suspicion_;  // a line is no record: torn if nothing follows
    bool suspicion_has_nul_ = false;
    bool in_long_line_ = false;  // the end of that line has not been seen
    std::optional<fault> damage_;
};

}  // namespace reaper
