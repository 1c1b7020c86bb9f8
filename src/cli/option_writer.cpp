#include "reaper/cli/option_writer.hpp"

#include "reaper/core/job_reader.hpp"

#include <boost/json.hpp>

#include <utility>

namespace reaper {

namespace {

namespace json = boost::json;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view fence = "---";

// The members only, without what encloses them: "a: 1\n" and "\"a\":1".
std::string front_matter_members(const job_options& options)
{
    const std::string whole = render_front_matter(options);
    const auto begin = whole.find('\n') + 1;
    return whole.substr(begin, whole.rfind(fence) - begin);
}

std::string object_members(const job_options& options)
{
    const std::string whole = render_options_object(options);
    const auto begin = whole.find('{') + 1;
    return whole.substr(begin, whole.rfind('}') - begin);
}

// The object of a first line {"job": {...}}, or nothing if the line is a token line.
json::value options_line(std::string_view line)
{
    json::error_code fails;
    json::value value = json::parse(line, fails);
    const bool is_options = !fails && value.is_object() && value.get_object().contains("job") &&
                            value.at("job").is_object();
    return is_options ? value : json::value();
}

}  // namespace

option_writer::option_writer(job_format format, job_options added)
    : format_(format), added_(std::move(added)), head_written_(added_ == job_options{})
{
}

void option_writer::feed(std::string_view bytes, std::string& out)
{
    if (head_written_) {
        out += bytes;
        return;
    }
    head_ += bytes;
    if (head_is_whole())
        write_head(out);
}

void option_writer::finish(std::string& out)
{
    if (!head_written_)
        write_head(out);
    out += tail_;
}

// Text and CSV need the first line, JSON its first character, JSONL its first line that is not
// blank. A token line or a header has no more than some hundred bytes, so this ends soon.
bool option_writer::head_is_whole() const
{
    const auto first = head_.find_first_not_of(
        format_ == job_format::json || format_ == job_format::jsonl ? blanks : std::string_view(),
        head_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0
    );
    if (first == std::string::npos || head_.size() < byte_order_mark.size())
        return false;
    return format_ == job_format::json || head_.find('\n', first) != std::string::npos;
}

void option_writer::write_head(std::string& out)
{
    head_written_ = true;
    // What is written before the text must not leave a mark in its middle, and UTF-8 needs none.
    if (head_.starts_with(byte_order_mark))
        head_.erase(0, byte_order_mark.size());
    switch (format_) {
        case job_format::text:
        case job_format::csv:
            write_text_head(out);
            break;
        case job_format::json:
            write_json_head(out);
            break;
        case job_format::jsonl:
            write_jsonl_head(out);
            break;
    }
    head_ = {};
}

void option_writer::write_text_head(std::string& out)
{
    const auto line_end = head_.find('\n');
    std::string_view first_line = std::string_view(head_).substr(0, line_end);
    if (first_line.ends_with('\r'))
        first_line.remove_suffix(1);
    if (first_line == fence && line_end != std::string::npos) {
        out.append(head_, 0, line_end + 1);
        out += front_matter_members(added_);
        out.append(head_, line_end + 1);
        return;
    }
    out += render_front_matter(added_);
    out += head_;
}

void option_writer::write_json_head(std::string& out)
{
    const auto first = head_.find_first_not_of(blanks);
    if (first == std::string::npos) {
        out += head_;  // no document: the check has refused it already
    } else if (head_[first] == '[') {
        out += '{' + object_members(added_) + ",\"tokens\":";
        out += head_;
        tail_ = "}\n";
    } else {
        out.append(head_, 0, first + 1);
        out += object_members(added_) + ',';
        out.append(head_, first + 1);
    }
}

void option_writer::write_jsonl_head(std::string& out)
{
    const auto first = head_.find_first_not_of(blanks);
    const auto line_end = first == std::string::npos ? first : head_.find('\n', first);
    json::value line;
    if (first != std::string::npos)
        line = options_line(std::string_view(head_).substr(first, line_end - first));
    if (line.is_null()) {
        out += "{\"job\":" + render_options_object(added_) + "}\n";
        out += head_;
        return;
    }
    json::object& stated = line.at("job").get_object();
    const json::value added = json::parse(render_options_object(added_));
    for (const auto& member : added.get_object())
        stated.insert(member);
    out += json::serialize(line);
    if (line_end != std::string::npos)
        out.append(head_, line_end);
}

}  // namespace reaper
