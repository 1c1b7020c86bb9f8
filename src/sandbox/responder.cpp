#include "sandbox/responder.hpp"

#include <utility>

using namespace std::string_view_literals;

namespace sandbox {
namespace {

constexpr std::string_view garbage_bytes =
    "\x16\x03\xff\x00 this is no HTTP \x80\x81\r\n\r\n<html>\x00</html>\r\n"sv;
constexpr std::string_view stray_bytes = "stray bytes\r\n";
constexpr std::string_view html_error =
    "<html><head><title>500</title></head><body>upstream failed</body></html>";

// Faults that leave a connection on which nothing is answered.
bool has_no_answer(fault_kind kind)
{
    return kind == fault_kind::reset || kind == fault_kind::reset_after ||
           kind == fault_kind::stall;
}

aftermath aftermath_of(fault_kind kind)
{
    switch (kind) {
        case fault_kind::reset:
        case fault_kind::reset_after:
            return aftermath::reset;
        case fault_kind::stall:
            return aftermath::stall;
        case fault_kind::truncate:
        case fault_kind::close_delimited:
        case fault_kind::error_408:
            return aftermath::finish;
        case fault_kind::half_close:
            return aftermath::half_close;
        default:
            return aftermath::serve;
    }
}

}  // namespace

responder::responder(const server_options& options, std::unique_ptr<campaign_store> campaigns)
    : api_(options, std::move(campaigns)),
      faults_(options.faults, options.seed),
      both_keys_(options.api_key + ' ' + options.rest_key),
      close_silently_(options.close_silently)
{
}

handling responder::handle(const request& from, mono_time now, bool is_last, std::string& out)
{
    const auto kind = faults_.draw();
    const api_call call = api_.classify(from);
    const api_reply reply =
        kind ? perform_struck(*kind, call, from, now) : api_.perform(call, from, now);

    handling done;
    done.entry.route = call.route;
    done.entry.kind = call.kind;
    if (!api_.is_key(call.token))
        done.entry.token = call.token;
    done.entry.status = reply.content.status;
    done.entry.executed = reply.executed;

    answer_form form;
    if (is_last || !from.keep_alive) {
        form.close = !from.keep_alive || !close_silently_;
        done.then = aftermath::finish;
        done.entry.fault = is_last ? "close" : "";
    }
    if (kind) {
        done.entry.fault = to_string(*kind);
        if (const auto then = aftermath_of(*kind); then != aftermath::serve)
            done.then = then;
    }
    compose(kind, reply.content, form, done, out);
    return done;
}

// What the rules, or the fault in their place, make of a call.
api_reply responder::perform_struck(
    fault_kind kind, const api_call& call, const request& from, mono_time now
)
{
    switch (kind) {
        case fault_kind::reset:
            return {};
        case fault_kind::stall:
            return faults_.coin() ? api_.perform(call, from, now) : api_reply{};
        case fault_kind::error_500:
            return {make_error(500, 0, "SERVER_ERROR")};
        case fault_kind::error_500_after: {
            const bool executed = api_.perform(call, from, now).executed;
            return {make_error(500, 0, "SERVER_ERROR"), executed};
        }
        case fault_kind::error_503:
            return {make_error(503, 2, "MAINTENANCE_ERROR")};
        case fault_kind::error_429:
            return {api_.refuse_pace(now)};
        case fault_kind::error_400:
            return {make_error(400, 31, "MALFORMED_PARAMETER")};
        case fault_kind::error_401:
            return {make_error(401, 10, "AUTHENTICATION_INVALID")};
        case fault_kind::error_403:
            return {make_error(403, 12, "API_MISUSE")};
        case fault_kind::error_408:
            return {make_error(408, 0, "REQUEST_TIMEOUT")};
        case fault_kind::no_json:
            return {{.status = 500, .body = std::string(html_error), .content_type = "text/html"}};
        case fault_kind::echo:
            return {make_error(400, 31, "MALFORMED_PARAMETER " + both_keys_)};
        case fault_kind::redirect:
            // The path holds the API key: a client that follows this gives it away.
            return {
                {.status = 302,
                 .body = {},
                 .location = "https://elsewhere.invalid" + std::string(from.target)}};
        default:
            return api_.perform(call, from, now);
    }
}

void responder::compose(
    std::optional<fault_kind> kind,
    const answer& content,
    answer_form form,
    handling& done,
    std::string& out
)
{
    if (!kind) {
        append_answer(out, content, form);
        return;
    }
    if (has_no_answer(*kind)) {
        done.has_answer = false;
        done.entry.status = 0;
        return;
    }

    form.chunked = *kind == fault_kind::chunked;
    form.close_delimited = *kind == fault_kind::close_delimited;
    form.informational = *kind == fault_kind::informational;
    form.odd_headers = *kind == fault_kind::dup_headers;
    form.close = form.close || *kind == fault_kind::error_408;
    const std::size_t start = out.size();
    std::size_t head_bytes = 0;
    if (*kind == fault_kind::no_content && content.status == 200) {
        head_bytes = append_answer(out, {.status = 204, .body = {}}, form);
        done.entry.status = 204;
    } else {
        head_bytes = append_answer(out, content, form);
        if (form.odd_headers && content.status == 200)
            done.entry.status = 201;
    }
    spoil(*kind, start, head_bytes, done, out);
}

// What is done to an answer that stands in `out` from `start` on.
void responder::spoil(
    fault_kind kind, std::size_t start, std::size_t head_bytes, handling& done, std::string& out
)
{
    if (kind == fault_kind::truncate) {
        const std::size_t kept = 1 + faults_.below(out.size() - start - 1);
        out.resize(start + kept);
        // A head that did not arrive whole tells no status.
        if (kept < head_bytes)
            done.entry.status = 0;
    } else if (kind == fault_kind::garbage) {
        out.resize(start);
        out += garbage_bytes;
        done.entry.status = 0;
    } else if (kind == fault_kind::surplus) {
        append_answer(out, answer{}, {});
    } else if (kind == fault_kind::surplus_bytes) {
        out += stray_bytes;
    } else if (kind == fault_kind::slow) {
        done.slow = true;
    }
}

void responder::append_protocol_error(std::string& out, parse_state state)
{
    answer content = make_error(400, 0, "BAD_REQUEST");
    if (state == parse_state::length_required)
        content = make_error(411, 0, "LENGTH_REQUIRED");
    else if (state == parse_state::body_too_large)
        content = make_error(413, 0, "BODY_TOO_LARGE");
    else if (state == parse_state::head_too_large)
        content = make_error(431, 0, "HEADERS_TOO_LARGE");
    append_answer(out, content, {.close = true});
}

}  // namespace sandbox
