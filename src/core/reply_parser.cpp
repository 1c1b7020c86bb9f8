#include "reaper/core/reply_parser.hpp"

#include "reply_parser_known.hpp"
#include "reply_parser_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace reaper {
namespace {

// "HTTP/1.1 200": where the reason phrase, or the end of the line, follows.
constexpr std::size_t status_line_bytes_min = 12;

// "0\r\n\r\n": what every chunked message ends in.
constexpr std::size_t last_chunk_bytes_min = 5;

// By how much an answer may be longer than those that are known, to be put together without copying
// all that came with its end.
constexpr std::size_t growth_bytes = 256;

}  // namespace

class reply_parser::impl
{
public:
    explicit impl(const reply_limits& limits) : limits_(limits)
    {
        parser_.emplace(draft_, limits_);
    }

    void feed(std::string_view bytes)
    {
        assert(!finished_ && fresh_.empty());
        if (!failure_)
            fresh_ = bytes;
    }

    void finish() { finished_ = true; }

    const answer* next(wall_time now)
    {
        body_ = {};
        if (answered_)
            restart();
        const bool at_border = !failure_ && !parser_->got_some();
        if (at_border && take_known())
            return &answer_;
        gather();
        const std::string_view unread = std::string_view(buffer_).substr(position_);
        if (at_border && !finished_ && known_.is_begun(unread))
            return nullptr;
        while (!failure_ && advance()) {
            if (parser_->status() / 100 != 1) {
                take_answer(now);
                return &answer_;
            }
            skip_interim();
        }
        return nullptr;
    }

    [[nodiscard]] std::string_view body() const { return body_; }

    [[nodiscard]] const std::optional<fault>& failure() const { return failure_; }

    [[nodiscard]] bool idle() const
    {
        return position_ == buffer_.size() && fresh_.empty() && interim_ == 0 &&
               (answered_ || !parser_->got_some());
    }

private:
    // The way of nearly every answer: it begins with the very bytes of a head that was read before,
    // so it is the same answer, and only its body may differ; or with a head that differs from it
    // in nothing that counts. Anything else, the first of a kind too, is Beast's. What was fed is
    // read where it lies; only an answer whose beginning came with an earlier feed() is put
    // together in the buffer.
    bool take_known()
    {
        if (position_ == buffer_.size())
            return take_known_from(fresh_);
        std::string_view unread = std::string_view(buffer_).substr(position_);
        const bool taken = take_known_from(unread);
        position_ = buffer_.size() - unread.size();
        return taken || (!fresh_.empty() && known_.is_begun(unread) && take_begun());
    }

    // Its end is in what was fed, of which no more than that goes into the buffer.
    bool take_begun()
    {
        const std::size_t begun = buffer_.size();
        buffer_ += fresh_.substr(0, known_.answer_bytes_max() + growth_bytes);
        std::string_view unread = std::string_view(buffer_).substr(position_);
        const bool taken = take_known_from(unread);
        const std::size_t end = taken ? buffer_.size() - unread.size() : begun;
        assert(end >= begun);
        fresh_.remove_prefix(end - begun);
        buffer_.resize(end);
        if (taken)
            position_ = end;
        return taken;
    }

    bool take_known_from(std::string_view& unread)
    {
        if (!known_.take(unread))
            return false;
        const head_meaning& head = known_.last();
        body_ = unread.substr(head.head_bytes, head.body_bytes).substr(0, limits_.body_kept_max);
        unread.remove_prefix(known_.answer_bytes());
        interim_ = 0;
        fill_answer(head.status);
        return true;
    }

    // Copies what is not read yet: Beast reads from the buffer, and it outlives what was fed.
    void gather()
    {
        if (fresh_.empty())
            return;
        if (!answered_ && parser_->got_some())
            message_at_ = std::string::npos;  // its beginning goes now
        buffer_.erase(0, position_);
        position_ = 0;
        buffer_ += std::exchange(fresh_, {});
    }

    // Remembers the head of the message that Beast has just completed, if it alone says how the
    // answer reads and where it ends.
    void learn_head(const answer& taken)
    {
        const bool came_whole = message_at_ != std::string::npos;
        if (!came_whole || taken.close || !draft_.retry_after.empty() ||
            parser_->content_length() != boost::optional<std::uint64_t>(draft_.body_bytes))
            return;
        const std::size_t head_bytes = position_ - message_at_ - draft_.body_bytes;
        const std::string_view head = std::string_view(buffer_).substr(message_at_, head_bytes);
        assert(head.ends_with("\n"));
        known_.learn(head, {taken.status, head_bytes, draft_.body_bytes});
    }

    // Parses on; true if a message is complete.
    bool advance()
    {
        if (!parser_->got_some())
            message_at_ = position_;
        while (position_ < buffer_.size() && !is_short_of_chunk()) {
            mend_status_line();
            error_code ec;
            const boost::asio::const_buffer unread(
                buffer_.data() + position_, buffer_.size() - position_
            );
            position_ += parser_->put(unread, ec);
            if (ec == http::error::need_more)
                break;
            if (ec) {
                fail(draft_.objection != nullptr ? draft_.objection : ec.message());
                return false;
            }
            if (parser_->is_done())
                return true;
        }
        if (buffer_.size() - position_ > limits_.header_bytes_max) {
            fail("a header beyond the limit");
            return false;
        }
        return finished_ && !failure_ && ended();
    }

    // Beast 1.81 asserts that five bytes are there when it looks at a last chunk for the second
    // time; without a chunk before it, it may get there with "0\r\n" and then one byte more. No
    // chunked message ends in fewer, so nothing comes later for waiting.
    [[nodiscard]] bool is_short_of_chunk() const
    {
        return parser_->is_header_done() && parser_->chunked() &&
               buffer_.size() - position_ < last_chunk_bytes_min;
    }

    // The peer has closed; true if that completes a message.
    bool ended()
    {
        if (idle())
            return false;
        error_code ec;
        if (position_ == buffer_.size() && parser_->got_some())
            parser_->put_eof(ec);
        if (ec || !parser_->is_done()) {
            fail("the connection ended inside an answer");
            return false;
        }
        return true;
    }

    // RFC 9112 4 wants a space before an absent reason phrase; some servers leave it out, and Beast
    // refuses what they send.
    void mend_status_line()
    {
        const std::size_t end = position_ + status_line_bytes_min;
        if (!parser_->is_header_done() && status_line_pending_ && end < buffer_.size()) {
            status_line_pending_ = false;
            if (buffer_[end] == '\r')
                buffer_.insert(end, 1, ' ');
        }
    }

    void skip_interim()
    {
        if (parser_->status() == 101)
            fail("101 Switching Protocols, which nobody asked for");
        else if (++interim_ > limits_.interim_max)
            fail("too many interim answers");
        else
            restart();
    }

    void take_answer(wall_time now)
    {
        body_ = draft_.body;
        fill_answer(parser_->status());
        is_plain_ = false;
        answer_.close = !parser_->keep_alive();
        if (!draft_.retry_after.empty())
            answer_.retry_after = parse_retry_after(draft_.retry_after, now);
        learn_head(answer_);
        interim_ = 0;
        answered_ = true;
    }

    // With what its body says. What the answer before left is cleared away only if there is some.
    void fill_answer(int status)
    {
        if (!std::exchange(is_plain_, true))
            answer_ = {};
        answer_.status = status;
        if (status / 100 != 2 && !body_.empty()) {
            read_error_body(body_, answer_);
            is_plain_ = false;
        }
    }

    // Makes ready for the next message.
    void restart()
    {
        draft_.clear();
        parser_.emplace(draft_, limits_);
        answered_ = false;
        status_line_pending_ = true;
    }

    void fail(std::string_view what)
    {
        failure_ = fault{fmt::format("the answer cannot be read: {}", what)};
    }

    reply_limits limits_;
    std::string_view fresh_;  // what was fed and is not read; behind what is in buffer_
    std::string buffer_;
    std::size_t position_ = 0;  // of the first byte in buffer_ that is not parsed
    answer answer_;             // the last one that was handed out
    bool is_plain_ = true;      // it says nothing but its status
    std::string_view body_;     // its body
    reply_draft draft_;
    std::optional<message_parser> parser_;
    // Where the message of parser_ begins in buffer_; npos if a part of it is there no more.
    std::size_t message_at_ = 0;
    known_heads known_{limits_};

    bool answered_ = false;            // parser_ holds a message that was handed out
    bool status_line_pending_ = true;  // mend_status_line() has not looked at it yet
    bool finished_ = false;
    unsigned interim_ = 0;
    std::optional<fault> failure_;
};

reply_parser::reply_parser(const reply_limits& limits) : impl_(std::make_unique<impl>(limits)) {}

reply_parser::~reply_parser() = default;
reply_parser::reply_parser(reply_parser&&) noexcept = default;
reply_parser& reply_parser::operator=(reply_parser&&) noexcept = default;

void reply_parser::feed(std::string_view bytes)
{
    impl_->feed(bytes);
}

void reply_parser::finish()
{
    impl_->finish();
}

const answer* reply_parser::next(wall_time now)
{
    return impl_->next(now);
}

std::string_view reply_parser::body() const
{
    return impl_->body();
}

const std::optional<fault>& reply_parser::failure() const
{
    return impl_->failure();
}

bool reply_parser::idle() const
{
    return impl_->idle();
}

}  // namespace reaper
