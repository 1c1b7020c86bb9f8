#pragma once
// Part of core/reply_parser: one message, as Boost.Beast reads it and we keep it.

#include "reaper/core/reply_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cassert>
#include <string>

namespace reaper {

namespace http = boost::beast::http;
using boost::beast::error_code;

// What is kept of one message. Its strings keep their memory from answer to answer.
struct reply_draft
{
    std::string body;
    std::string retry_after;
    std::size_t body_bytes = 0;
    std::size_t header_bytes = 0;
    bool has_length = false;
    bool has_coding = false;
    const char* objection = nullptr;  // why we refuse what Beast would take

    void clear()
    {
        body.clear();
        retry_after.clear();
        body_bytes = 0;
        header_bytes = 0;
        has_length = false;
        has_coding = false;
    }
};

// Beast parses one message with it and calls back. It keeps only what an answer needs, which costs
// a third of what http::response_parser does.
class message_parser final : public http::basic_parser<false>
{
public:
    message_parser(reply_draft& draft, const reply_limits& limits) : draft_(draft), limits_(limits)
    {
        eager(true);
        header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
        body_limit(boost::none);  // on_part() counts, for every kind of body
    }

    [[nodiscard]] int status() const { return status_; }

private:
    // Beast demands it; there is no request in what a server sends.
    void
    on_request_impl(http::verb, boost::beast::string_view, boost::beast::string_view, int, error_code&)
        override
    {
        assert(false);
    }

    void on_response_impl(
        int code, boost::beast::string_view reason, int /*version*/, error_code& ec
    ) override
    {
        status_ = code;
        count_header(reason.size(), ec);
    }

    void on_field_impl(
        http::field name,
        boost::beast::string_view name_text,
        boost::beast::string_view value,
        error_code& ec
    ) override
    {
        count_header(name_text.size() + value.size(), ec);
        if (is_header_done())
            return;  // a trailer: it says nothing that we may trust this late
        if (name == http::field::retry_after) {
            draft_.retry_after.assign(value.data(), value.size());
        } else if (name == http::field::content_length) {
            draft_.has_length = true;
        } else if (name == http::field::transfer_encoding) {
            if (draft_.has_coding || !boost::beast::iequals(value, "chunked"))
                refuse("a transfer coding other than chunked", ec);
            draft_.has_coding = true;
        }
        // Beast lets this pass when the coding is not chunked, or comes first.
        if (draft_.has_length && draft_.has_coding)
            refuse("both Content-Length and Transfer-Encoding", ec);
    }

    void on_header_impl(error_code& ec) override
    {
        if (content_length().value_or(0) > limits_.body_bytes_max)
            refuse("a body beyond the limit", ec);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(boost::beast::string_view part, error_code& ec) override
    {
        return on_part(part, ec);
    }

    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}

    std::size_t on_chunk_body_impl(
        std::uint64_t /*remain*/, boost::beast::string_view part, error_code& ec
    ) override
    {
        return on_part(part, ec);
    }

    void on_finish_impl(error_code&) override {}

    std::size_t on_part(boost::beast::string_view part, error_code& ec)
    {
        draft_.body_bytes += part.size();
        if (draft_.body_bytes > limits_.body_bytes_max)
            refuse("a body beyond the limit", ec);
        const auto room = limits_.body_kept_max - draft_.body.size();
        draft_.body.append(part.data(), std::min(part.size(), room));
        return part.size();
    }

    // Beast's own header limit holds only for a header that does not arrive in one piece.
    void count_header(std::size_t bytes, error_code& ec)
    {
        draft_.header_bytes += bytes;
        if (draft_.header_bytes > limits_.header_bytes_max)
            refuse("a header beyond the limit", ec);
    }

    void refuse(const char* objection, error_code& ec)
    {
        draft_.objection = objection;
        ec = http::error::bad_value;
    }

    reply_draft& draft_;
    const reply_limits& limits_;
    int status_ = 0;
};

}  // namespace reaper
