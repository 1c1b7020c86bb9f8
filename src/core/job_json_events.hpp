#pragma once
// Part of core/job_reader: finds token lines and options in the events of a JSON parser. It is the
// handler of boost::json::basic_parser (whose names its members bear): nothing becomes a tree, what
// is neither token nor option is passed over, and strings are kept only as far as they can matter.

#include "job_options.hpp"
#include "job_scanner.hpp"

#include <boost/json/error.hpp>
#include <boost/json/string_view.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::job_file {

enum class json_form : std::uint8_t
{
    document,    // .json: an array, or an object with `tokens` beside the options
    first_line,  // of .jsonl: a token, or {"job": {...}}
    line,        // of .jsonl: a token
};

inline constexpr std::size_t json_depth_max = 32;

class json_events
{
public:
    using error_code = boost::json::error_code;
    using text_part = boost::json::string_view;

    // The parser's own limits: none, for it stores nothing.
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    json_events(json_form form, const token_rule* rule, job_options& options);

    // Begins a new line: what was found and not popped is dropped.
    void restart(json_form form);

    struct element
    {
        bool valid = false;
        std::string_view token;  // lives until the next event, or the next pop() that finds nothing
    };

    // The next element that was found.
    [[nodiscard]] std::optional<element> pop();

    // Why the events are no job, if they are not. The parser stops with an error then.
    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code& ec);
    bool on_object_begin(error_code& ec);
    bool on_object_end(std::size_t, error_code& ec);
    bool on_array_begin(error_code& ec);
    bool on_array_end(std::size_t, error_code& ec);
    bool on_key_part(text_part part, std::size_t, error_code& ec);
    bool on_key(text_part part, std::size_t, error_code& ec);
    bool on_string_part(text_part part, std::size_t, error_code& ec);
    bool on_string(text_part part, std::size_t, error_code& ec);

    bool on_number_part(text_part, error_code&) { return true; }

    bool on_int64(std::int64_t value, text_part, error_code& ec);
    bool on_uint64(std::uint64_t value, text_part, error_code& ec);

    bool on_double(double, text_part, error_code& ec) { return scalar({}, ec); }

    bool on_bool(bool value, error_code& ec);

    bool on_null(error_code& ec) { return scalar({}, ec); }

    bool on_comment_part(text_part, error_code&) { return true; }

    bool on_comment(text_part, error_code&) { return true; }

private:
    // What the array or object is that the parser is in.
    enum class frame : std::uint8_t
    {
        nothing,      // outside of the first value
        root,         // the object of a document: options and `tokens`
        options,      // the object of `job`
        tokens,       // the array of elements
        element,      // an object that is an element
        bad_element,  // an array that stands where an element should
        passed_over,
    };

    // What the next value is for.
    enum class purpose : std::uint8_t
    {
        root,
        option,
        tokens,
        element,
        token,  // of an element that is an object
        job,
        nothing,
    };

    [[nodiscard]] purpose next_purpose() const;
    bool name_in_options(error_code& ec);
    bool name_in_element(error_code& ec);
    bool scalar(const option_value& value, error_code& ec);
    void take_token(const option_value& value);

    void push(frame entered) { frames_[depth_++] = entered; }

    [[nodiscard]] frame top() const { return depth_ == 0 ? frame::nothing : frames_[depth_ - 1]; }

    bool begin_tokens(error_code& ec);
    void emit(std::string_view token, bool valid);
    bool fail(std::string sentence, error_code& ec);

    json_form form_;
    const token_rule* rule_;
    job_options* options_;
    std::optional<std::string> failure_;

    std::array<frame, json_depth_max + 1> frames_{};
    std::size_t depth_ = 0;
    purpose member_ = purpose::nothing;  // what the last key says
    std::string text_;                   // of the key or string in hand, bounded
    std::string option_name_;
    bool has_tokens_ = false;

    // The element in hand.
    std::string token_;
    bool has_token_ = false;
    bool broken_ = false;
    bool names_other_ = false;  // a member that is not `job`
    bool is_job_ = false;       // the first line that holds the options

    struct entry
    {
        std::size_t start = 0;
        std::size_t size = 0;
        bool valid = false;
    };

    std::vector<entry> found_;
    std::size_t popped_ = 0;
    std::string found_text_;
};

}  // namespace reaper::job_file
