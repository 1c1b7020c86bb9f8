#include "sandbox/answer.hpp"

#include <fmt/format.h>

#include <iterator>

namespace sandbox {
namespace {

// What nearly every request is answered: kept whole.
constexpr std::string_view plain_success =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 2\r\n"
    "Connection: keep-alive\r\n"
    "\r\n"
    "{}";

std::string_view reason_of(int status)
{
    switch (status) {
        case 200:
            return "OK";
        case 204:
            return "No Content";
        case 302:
            return "Found";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 408:
            return "Request Timeout";
        case 411:
            return "Length Required";
        case 413:
            return "Content Too Large";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Unknown";
    }
}

bool is_plain(const answer_form& form)
{
    return !form.close && !form.chunked && !form.close_delimited && !form.informational &&
           !form.odd_headers;
}

void append_body_headers(std::string& out, const answer& content, const answer_form& form)
{
    if (content.status == 204)
        return;
    out += "Content-Type: ";
    out += content.content_type;
    out += "\r\n";
    // The one real capture of the API has a second one.
    if (form.odd_headers)
        out += "Content-Type: text/html; charset=UTF-8\r\n";
    if (form.chunked)
        out += "Transfer-Encoding: chunked\r\n";
    else if (!form.close_delimited)
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", content.body.size());
}

void append_body(std::string& out, const answer& content, const answer_form& form)
{
    if (content.status == 204)
        return;
    if (!form.chunked) {
        out += content.body;
        return;
    }
    // Two chunks where there is enough for two, one of them with an extension.
    const std::string_view body = content.body;
    const std::size_t half = body.size() / 2;
    for (const auto part : {body.substr(0, half), body.substr(half)}) {
        if (!part.empty())
            fmt::format_to(std::back_inserter(out), "{:x};part=1\r\n{}\r\n", part.size(), part);
    }
    out += "0\r\n\r\n";
}

}  // namespace

answer make_error(int status, int code, std::string_view message)
{
    return {
        .status = status, .body = fmt::format(R"({{"code":{},"message":"{}"}})", code, message)};
}

std::size_t append_answer(std::string& out, const answer& content, const answer_form& form)
{
    const std::size_t start = out.size();
    if (content.status == 200 && content.body == "{}" && is_plain(form)) {
        out += plain_success;
        return plain_success.size() - content.body.size();
    }

    if (form.informational)
        out += "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n";
    const bool created = form.odd_headers && content.status == 200;
    fmt::format_to(
        std::back_inserter(out),
        "HTTP/1.1 {} {}\r\nServer: nginx\r\n",
        created ? 201 : content.status,
        form.odd_headers ? "Ok" : reason_of(content.status)
    );
    append_body_headers(out, content, form);
    if (content.retry_after_s)
        fmt::format_to(std::back_inserter(out), "Retry-After: {}\r\n", *content.retry_after_s);
    if (!content.location.empty())
        fmt::format_to(std::back_inserter(out), "Location: {}\r\n", content.location);
    // A stream that ends the body needs no header to say so; nginx sends one to HTTP/1.0 only.
    if (!form.close_delimited)
        out += form.close ? "Connection: close\r\n" : "Connection: keep-alive\r\n";
    out += "\r\n";
    const std::size_t head_bytes = out.size() - start;
    append_body(out, content, form);
    return head_bytes;
}

}  // namespace sandbox
