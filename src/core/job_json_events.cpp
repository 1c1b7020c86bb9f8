#include "job_json_events.hpp"

#include "job_token_field.hpp"

#include <boost/system/errc.hpp>

#include <charconv>
#include <utility>

namespace reaper::job_file {
namespace {

// Longer than every option and token: what is cut here is refused for its length.
constexpr std::size_t text_bytes_max = 1024;

void append_bounded(std::string& text, std::string_view part)
{
    text.append(part.substr(0, text_bytes_max - text.size()));
}

}  // namespace

json_events::json_events(json_form form, const token_rule* rule, job_options& options)
    : form_(form), rule_(rule), options_(&options)
{
}

void json_events::restart(json_form form)
{
    form_ = form;
    depth_ = 0;
    text_.clear();
    found_.clear();
    found_text_.clear();
    popped_ = 0;
}

std::optional<json_events::element> json_events::pop()
{
    if (popped_ == found_.size()) {
        found_.clear();
        found_text_.clear();
        popped_ = 0;
        return std::nullopt;
    }
    const entry& e = found_[popped_++];
    return element{e.valid, std::string_view(found_text_).substr(e.start, e.size)};
}

json_events::purpose json_events::next_purpose() const
{
    switch (top()) {
        case frame::nothing:
            return form_ == json_form::document ? purpose::root : purpose::element;
        case frame::tokens:
            return purpose::element;
        case frame::root:
        case frame::options:
        case frame::element:
            return member_;
        case frame::bad_element:
        case frame::passed_over:
            break;
    }
    return purpose::nothing;
}

bool json_events::on_document_end(error_code& ec)
{
    if (form_ != json_form::document)
        return true;
    if (!has_tokens_)
        return fail("the object has no \"tokens\": put the tokens there, in an array", ec);
    if (auto wrong = check_together(*options_))
        return fail(std::move(*wrong), ec);
    return true;
}

bool json_events::on_object_begin(error_code& ec)
{
    switch (next_purpose()) {
        case purpose::root:
            push(frame::root);
            return true;
        case purpose::job:
            push(frame::options);
            return true;
        case purpose::element:
            push(frame::element);
            has_token_ = broken_ = names_other_ = is_job_ = false;
            return true;
        case purpose::token:
            broken_ = true;
            break;
        case purpose::option:
        case purpose::tokens:
            return scalar({}, ec);
        case purpose::nothing:
            break;
    }
    push(frame::passed_over);
    return true;
}

bool json_events::on_object_end(std::size_t, error_code& ec)
{
    const frame left = top();
    --depth_;
    if (left == frame::element && !is_job_)
        emit(token_, has_token_ && !broken_ && accepts(rule_, token_));
    if (left == frame::options) {
        if (auto wrong = check_together(*options_))
            return fail(std::move(*wrong), ec);
    }
    return true;
}

bool json_events::on_array_begin(error_code& ec)
{
    switch (next_purpose()) {
        case purpose::root:
        case purpose::tokens:
            return begin_tokens(ec);
        case purpose::element:
            push(frame::bad_element);
            return true;
        case purpose::token:
            broken_ = true;
            break;
        case purpose::option:
        case purpose::job:
            return scalar({}, ec);
        case purpose::nothing:
            break;
    }
    push(frame::passed_over);
    return true;
}

bool json_events::begin_tokens(error_code&)
{
    has_tokens_ = true;
    push(frame::tokens);
    return true;
}

bool json_events::on_array_end(std::size_t, error_code&)
{
    const frame left = top();
    --depth_;
    if (left == frame::bad_element)
        emit({}, false);
    return true;
}

bool json_events::on_key_part(text_part part, std::size_t, error_code&)
{
    append_bounded(text_, part);
    return true;
}

bool json_events::on_key(text_part part, std::size_t, error_code& ec)
{
    append_bounded(text_, part);
    bool fits = true;
    if (top() == frame::root || top() == frame::options)
        fits = name_in_options(ec);
    else if (top() == frame::element)
        fits = name_in_element(ec);
    text_.clear();
    return fits;
}

bool json_events::name_in_options(error_code& ec)
{
    if (top() == frame::root && text_ == "tokens") {
        if (has_tokens_)
            return fail("\"tokens\" stands there twice", ec);
        member_ = purpose::tokens;
        return true;
    }
    if (auto wrong = check_option_name(text_))
        return fail(std::move(*wrong), ec);
    member_ = purpose::option;
    option_name_ = text_;
    return true;
}

bool json_events::name_in_element(error_code& ec)
{
    // Options behind tokens would come too late to guard them.
    const bool names_job = text_ == "job" && depth_ == 1 && form_ != json_form::document;
    if (names_job && (form_ == json_form::line || is_job_ || names_other_))
        return fail("\"job\" must stand alone, and once, in the first line", ec);
    if (is_job_)
        return fail("beside \"job\" the first line must hold nothing else", ec);
    is_job_ = names_job;
    names_other_ = true;
    if (names_job)
        member_ = purpose::job;
    else if (text_ == "token" || text_ == "campaign_token")
        member_ = purpose::token;
    else
        member_ = purpose::nothing;
    return true;
}

bool json_events::on_string_part(text_part part, std::size_t, error_code&)
{
    append_bounded(text_, part);
    return true;
}

bool json_events::on_string(text_part part, std::size_t, error_code& ec)
{
    append_bounded(text_, part);
    const bool fits = scalar({option_value::form::text, text_}, ec);
    text_.clear();
    return fits;
}

bool json_events::on_int64(std::int64_t value, text_part, error_code& ec)
{
    return value < 0 ? scalar({}, ec) : on_uint64(static_cast<std::uint64_t>(value), {}, ec);
}

bool json_events::on_uint64(std::uint64_t value, text_part, error_code& ec)
{
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return scalar({option_value::form::integer, {digits.data(), end}}, ec);
}

bool json_events::on_bool(bool value, error_code& ec)
{
    return scalar({option_value::form::boolean, value ? "true" : "false"}, ec);
}

// Any value that is no array or object, or stands where one of them cannot.
bool json_events::scalar(const option_value& value, error_code& ec)
{
    switch (next_purpose()) {
        case purpose::root:
            return fail("a .json must be an array, or an object with \"tokens\"", ec);
        case purpose::tokens:
            return fail("\"tokens\" must be an array", ec);
        case purpose::job:
            return fail("\"job\" must be an object with the options", ec);
        case purpose::option:
            if (auto wrong = set_option(*options_, option_name_, value))
                return fail(std::move(*wrong), ec);
            break;
        case purpose::element:
            emit(value.text, value.is == option_value::form::text && accepts(rule_, value.text));
            break;
        case purpose::token:
            take_token(value);
            break;
        case purpose::nothing:
            break;
    }
    return true;
}

// `token` and `campaign_token` may both be there if they say the same.
void json_events::take_token(const option_value& value)
{
    broken_ =
        broken_ || value.is != option_value::form::text || (has_token_ && token_ != value.text);
    has_token_ = true;
    token_ = value.text;
}

void json_events::emit(std::string_view token, bool valid)
{
    // The text of what is no token is not even kept.
    if (!valid)
        token = {};
    found_.push_back(entry{found_text_.size(), token.size(), valid});
    found_text_ += token;
}

bool json_events::fail(std::string sentence, error_code& ec)
{
    failure_ = std::move(sentence);
    ec = boost::system::errc::make_error_code(boost::system::errc::operation_canceled);
    return false;
}

}  // namespace reaper::job_file
