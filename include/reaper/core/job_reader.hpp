#pragma once
// Reads a job file of any format as a stream: bytes in, token lines out (SPEC 4). Whole files never
// stand in memory: what is kept is the unfinished line, the option text, and counters. The same
// reader serves the first check of a file, sending, recovery and `remaining`; the same bytes give
// the same items in the same order, however they were cut into chunks.

#include "reaper/base/hex.hpp"
#include "reaper/base/result.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/model/token.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reaper {

// Says what counts as a token: the alphabet and length of SPEC 4, and the account's shape.
class token_rule
{
public:
    // Throws std::regex_error if a pattern is not one: io/config_yaml has checked it before.
    token_rule(const token_shape& shape, campaign_kind kind);

    [[nodiscard]] bool accepts(std::string_view text) const
    {
        return fixed_length_ ? is_hex_run(text) : accepts_other(text);
    }

    // True if a token of this rule has a known length, so that a line without its end can be told
    // to be whole. `any` and patterns have none.
    [[nodiscard]] bool has_fixed_length() const { return fixed_length_; }

    ~token_rule();
    token_rule(token_rule&&) noexcept;
    token_rule& operator=(token_rule&&) noexcept;

private:
    struct pattern;

    [[nodiscard]] bool accepts_other(std::string_view text) const;

    bool fixed_length_ = false;
    bool any_ = false;
    std::unique_ptr<pattern> pattern_;
};

// One token line. `token` points into the fed chunk or into the reader: it lives until the next
// call of next() or feed().
struct job_item
{
    std::uint64_t n = 0;     // ordinal, from 1
    std::uint64_t line = 0;  // physical line, or element of a JSON array, from 1
    bool valid = false;
    std::string_view token;  // empty if not valid: the text of an invalid line goes nowhere
};

class job_reader
{
public:
    // `rule` must outlive the reader. With no rule every line that has the alphabet and length of a
    // token is valid, the last one without a line end too: that is how the options are read before
    // the account, and so its rule, is known. Nothing may be sent from such a reading.
    job_reader(job_format format, const token_rule* rule);
    ~job_reader();
    job_reader(job_reader&&) noexcept;
    job_reader& operator=(job_reader&&) noexcept;

    // Hands in the next bytes of the file, without copying them: they must stay alive and unchanged
    // until next() has returned nullopt, and only then may feed() be called again.
    void feed(std::string_view bytes);
    // Says that the file ends here. What its end means is known when next() has returned nullopt.
    void finish();

    // The next item, or nullopt when more bytes are needed, or the file has ended, or has failed.
    [[nodiscard]] std::optional<job_item> next();

    // Set once the file cannot be a job: the sentence says why, and the line where it can, but
    // never the text of a line. Nothing comes after it. A file without any token line has failed,
    // too; counts (`count`, max_invalid, max_deletes) are for the caller to judge.
    [[nodiscard]] const std::optional<fault>& failure() const;
    [[nodiscard]] std::uint64_t failure_line() const;  // physical line, 0 if none is to blame

    // True when finish() was called and every item has been handed out without a failure.
    [[nodiscard]] bool at_end() const;

    // The options that the file states. Complete for .txt/.csv/.jsonl once the first item is out,
    // for .json once at_end(): an object may name its options after its tokens.
    [[nodiscard]] const job_options& options() const;

    [[nodiscard]] std::uint64_t items() const;    // handed out so far
    [[nodiscard]] std::uint64_t invalid() const;  // of these
    // The lines of the first ten invalid items, for the reason of a rejection: as numbers, and as
    // "3, 17, 20" with ", ..." where there are more.
    [[nodiscard]] std::span<const std::uint64_t> first_invalid() const;
    [[nodiscard]] std::string invalid_lines() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

// Writes options where a file of a format has them, for `submit` and `remaining`: the reader reads
// back what these write. Front matter (text, csv) has both its `---` lines, and is empty if nothing
// is said. The JSON object, on one line, is the `{...}` of a first line {"job": {...}} (jsonl), or
// the members beside `tokens` (json).
[[nodiscard]] std::string render_front_matter(const job_options& options);
[[nodiscard]] std::string render_options_object(const job_options& options);

}  // namespace reaper
