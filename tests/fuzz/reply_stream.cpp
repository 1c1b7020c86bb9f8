// Well-formed answers in all the ways in which a server may write them, made of the fuzzer's bytes:
// each must come out exactly as it went in, for whatever pieces, and one byte more must be seen.

#include "feed_plan.hpp"
#include "reaper/core/reply_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace reaper::fuzz {
namespace {

const wall_time now = *parse_rfc3339("2026-11-22T20:30:15Z");

struct expected_answer
{
    int status = 0;
    std::string body;
    bool close = false;
    std::optional<duration> retry_after;
};

// Writes one answer, and says what it says.
class answer_writer
{
public:
    answer_writer(byte_source& from, std::string& out) : from_(from), out_(out) {}

    expected_answer write()
    {
        static constexpr std::array statuses = {
            200, 201, 204, 304, 400, 401, 403, 404, 408, 429, 500, 503, 599, 302};
        const unsigned form = from_.byte();
        for (unsigned interim = form % 3; interim > 0; --interim)
            out_ += "HTTP/1.1 102 Processing\r\nX-Interim: yes\r\n\r\n";
        expected_answer expected;
        expected.status = statuses[from_.byte() % statuses.size()];
        static constexpr std::array reasons = {" OK", " ", "", " Not \xC3\xA9 Word"};
        out_ += fmt::format("HTTP/1.1 {}{}\r\n", expected.status, reasons[form >> 2 & 3]);
        write_fields(expected, form);
        const bool has_body = expected.status != 204 && expected.status != 304;
        if (has_body)
            expected.body = from_.take(from_.byte());
        // Until the end of the connection: such an answer is the last.
        const bool delimited_by_end = has_body && (form & 16) != 0 && (form & 32) != 0;
        if (delimited_by_end) {
            expected.close = true;
            out_ += "\r\n" + expected.body;
        } else if ((form & 16) != 0 && has_body) {
            write_chunks(expected.body);
        } else {
            if (has_body)
                out_ += fmt::format("content-length:{}\r\n", expected.body.size());
            out_ += "\r\n" + expected.body;
        }
        return expected;
    }

private:
    void write_fields(expected_answer& expected, unsigned form)
    {
        if ((form & 64) != 0) {
            const unsigned seconds = from_.byte();
            expected.retry_after = std::chrono::seconds(seconds);
            out_ += fmt::format("Retry-After: {}\r\n", seconds);
        }
        if ((form & 128) != 0)
            out_ += "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n";
        expected.close = from_.byte() % 8 == 7;
        if (expected.close)
            out_ += "Connection: close\r\n";
    }

    void write_chunks(std::string_view body)
    {
        out_ += "Transfer-Encoding: chunked\r\n\r\n";
        while (!body.empty()) {
            const auto piece = body.substr(0, 1 + from_.byte() % 40);
            out_ += fmt::format("{:x};ext=1\r\n{}\r\n", piece.size(), piece);
            body.remove_prefix(piece.size());
        }
        out_ += from_.byte() % 2 == 0 ? "0\r\n\r\n" : "0\r\nTrailer: x\r\n\r\n";
    }

    byte_source& from_;
    std::string& out_;
};

class expecting_reader
{
public:
    explicit expecting_reader(const std::vector<expected_answer>& expected) : expected_(expected) {}

    void feed(std::string_view piece)
    {
        parser_.feed(piece);
        drain();
    }

    // `surplus`: more bytes than the answers have were fed.
    void end(bool surplus)
    {
        if (surplus && !expected_.back().close)
            must(!parser_.idle() || parser_.failure(), "a surplus byte is seen");
        parser_.finish();
        drain();
        must(seen_ == expected_.size(), "every answer comes");
        if (!surplus)
            must(!parser_.failure() && parser_.idle(), "and nothing else");
    }

private:
    void drain()
    {
        while (const answer* got = parser_.next(now)) {
            must(seen_ < expected_.size(), "no answer comes that was not given");
            const expected_answer& expected = expected_[seen_++];
            must(got->status == expected.status, "the status is the answer's own");
            must(got->close == expected.close, "the last answer says that it is");
            must(got->retry_after == expected.retry_after, "Retry-After is the answer's own");
            must(parser_.body() == expected.body, "the body is the answer's own");
        }
    }

    const std::vector<expected_answer>& expected_;
    reply_parser parser_;
    std::size_t seen_ = 0;
};

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    byte_source from(plan.text());
    std::string stream;
    std::vector<expected_answer> expected;
    do {
        expected.push_back(answer_writer(from, stream).write());
    } while (!from.empty() && !expected.back().close && expected.size() < 8);
    // An answer that closes may be one that the end delimits: what follows is its own.
    const bool surplus = plan.variant() % 2 == 1 && !expected.back().close;
    if (surplus)
        stream += static_cast<char>(plan.variant());
    expecting_reader reader(expected);
    for (const std::string_view piece : plan.pieces(stream))
        reader.feed(piece);
    reader.end(surplus);
    return 0;
}
