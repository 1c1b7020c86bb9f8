#include "sandbox/audit_input_json.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <limits>
#include <vector>

namespace json = boost::json;

namespace sandbox {
namespace {

// No token is longer than 128 bytes; one more shows that a text is.
constexpr std::size_t text_bytes_max = 129;

// Follows the events of the parser. The list is the document itself, or the member `tokens` of the
// object that the document is; its elements are strings, or objects with a token member.
class element_handler
{
public:
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();

    explicit element_handler(const element_callback& take) : take_(take) {}

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_array_begin(json::error_code&)
    {
        const bool is_list = list_depth_ == 0 && (depth_ == 0 || (depth_ == 1 && key_ == "tokens"));
        begin_value();
        ++depth_;
        if (is_list)
            list_depth_ = depth_;
        return true;
    }

    bool on_array_end(std::size_t, json::error_code&)
    {
        if (depth_ == list_depth_)
            list_depth_ = 0;
        end_container();
        return true;
    }

    bool on_object_begin(json::error_code&)
    {
        begin_value();
        ++depth_;
        return true;
    }

    bool on_object_end(std::size_t, json::error_code&)
    {
        end_container();
        return true;
    }

    bool on_key_part(json::string_view part, std::size_t, json::error_code&)
    {
        append(part);
        return true;
    }

    bool on_key(json::string_view part, std::size_t, json::error_code&)
    {
        append(part);
        key_.swap(text_);
        text_.clear();
        return true;
    }

    bool on_string_part(json::string_view part, std::size_t, json::error_code&)
    {
        append(part);
        return true;
    }

    bool on_string(json::string_view part, std::size_t, json::error_code&)
    {
        append(part);
        const bool is_member = list_depth_ != 0 && depth_ == list_depth_ + 1 &&
                               (key_ == "token" || (key_ == "campaign_token" && token_.empty()));
        if (list_depth_ != 0 && depth_ == list_depth_)
            deliver(text_);
        else if (is_member && in_object_element_)
            token_ = text_;
        text_.clear();
        return true;
    }

    bool on_number_part(json::string_view, json::error_code&) { return true; }

    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return scalar(); }

    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return scalar(); }

    bool on_double(double, json::string_view, json::error_code&) { return scalar(); }

    bool on_bool(bool, json::error_code&) { return scalar(); }

    bool on_null(json::error_code&) { return scalar(); }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }

private:
    void append(json::string_view part)
    {
        text_.append(part.data(), std::min(part.size(), text_bytes_max - text_.size()));
    }

    // A container begins: an element of the list, if it stands directly in it.
    void begin_value()
    {
        if (list_depth_ == 0 || depth_ != list_depth_)
            return;
        token_.clear();
        key_.clear();  // of an element before
        in_object_element_ = true;
    }

    void end_container()
    {
        --depth_;
        if (list_depth_ != 0 && depth_ == list_depth_ && in_object_element_) {
            in_object_element_ = false;
            deliver(token_);
        }
    }

    bool scalar()
    {
        if (list_depth_ != 0 && depth_ == list_depth_)
            deliver({});
        return true;
    }

    void deliver(std::string_view token) { take_(++elements_, token); }

    const element_callback& take_;
    std::size_t depth_ = 0;
    std::size_t list_depth_ = 0;  // depth within the list; 0 outside of it
    bool in_object_element_ = false;
    std::string text_;
    std::string key_;
    std::string token_;
    std::uint64_t elements_ = 0;
};

}  // namespace

result<void> read_json_elements(const std::string& name, const element_callback& take)
{
    std::ifstream file(name, std::ios::binary);
    json::basic_parser<element_handler> parser(json::parse_options(), take);
    std::vector<char> chunk(std::size_t{64} * 1024);
    bool first = true;
    json::error_code error;
    while (!error && file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())).gcount()) {
        std::string_view bytes(chunk.data(), static_cast<std::size_t>(file.gcount()));
        if (first && bytes.starts_with("\xEF\xBB\xBF"))
            bytes.remove_prefix(3);
        first = false;
        parser.write_some(true, bytes.data(), bytes.size(), error);
    }
    if (!error)
        parser.write_some(false, nullptr, 0, error);
    if (error)
        return fault{"the input is not a JSON document: " + error.message()};
    return {};
}

}  // namespace sandbox
