#pragma once
// Part of core/job_reader: what the formats have in common. A scanner gets the body of a file,
// which is UTF-8 without NUL, byte order mark and front matter, and finds the token lines in it.

#include "reaper/core/job_reader.hpp"
#include "reaper/model/job.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace reaper::job_file {

// A token line. `token` lives until the next call of next() or feed(); it is empty if not valid.
struct found_line
{
    std::uint64_t line = 0;
    bool valid = false;
    std::string_view token;
};

// Why a file is no job, and where. Line 0: no line is to blame.
struct located_fault
{
    std::string sentence;
    std::uint64_t line = 0;
};

class scanner
{
public:
    explicit scanner(const token_rule* rule) : rule_(rule) {}

    scanner(const scanner&) = delete;
    scanner& operator=(const scanner&) = delete;
    virtual ~scanner() = default;

    // The physical line on which the body begins.
    void begin_at(std::uint64_t line) { line_ = line; }

    // The bytes must stay alive until next() has returned nullopt; only then is feed() called
    // again.
    void feed(std::string_view bytes) { rest_ = bytes; }

    void finish() { finished_ = true; }

    // nullopt: more bytes are needed, or the body has ended, or has failed.
    [[nodiscard]] virtual std::optional<found_line> next() = 0;

    [[nodiscard]] const std::optional<located_fault>& failure() const { return failure_; }

    // The physical line of the next byte.
    [[nodiscard]] std::uint64_t line() const { return line_; }

protected:
    std::nullopt_t fail(std::string sentence, std::uint64_t line)
    {
        failure_ = located_fault{std::move(sentence), line};
        return std::nullopt;
    }

    const token_rule* rule_;
    std::string_view rest_;
    std::uint64_t line_ = 1;
    bool finished_ = false;

private:
    std::optional<located_fault> failure_;
};

[[nodiscard]] std::unique_ptr<scanner> make_text_scanner(const token_rule* rule);
[[nodiscard]] std::unique_ptr<scanner> make_csv_scanner(const token_rule* rule);

// These two find options in the body, and write them to `options`, which must outlive them.
[[nodiscard]] std::unique_ptr<scanner> make_json_scanner(
    const token_rule* rule, job_options& options
);
[[nodiscard]] std::unique_ptr<scanner> make_jsonl_scanner(
    const token_rule* rule, job_options& options
);

}  // namespace reaper::job_file
