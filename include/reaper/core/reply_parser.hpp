#pragma once
// Bytes of a connection in, answers out, in order (SPEC 6). It knows HTTP/1.1 and no more: whose
// answer it is, and whether one is owed at all, is the pipeline's to say.
//
//     parser.feed(bytes);
//     while (const answer* got = parser.next(now))
//         ...
//     if (parser.failure()) or (nothing owed and !parser.idle()): close the connection

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"
#include "reaper/model/answer.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace reaper {

struct reply_limits
{
    std::size_t header_bytes_max = 16 * 1024;  // also of a chunk's header and of the trailers
    std::size_t body_bytes_max = 1024 * 1024;  // a longer body is a failure
    std::size_t body_kept_max = 4 * 1024;      // the rest is read and dropped
    unsigned interim_max = 16;                 // 1xx in a row before an answer
};

// One per connection; a new connection needs a new parser. Boost.Beast reads what is new. An answer
// is taken without it, in a tenth of the time and less, whose head is the same, byte for byte, as
// one before; or the same as one that Beast has read but for the values of fields that nobody looks
// at, as a request id or a date, its length in digits, or its status. A few forms of heads are
// remembered at once.
//
// Fails on whatever would leave the border between two answers in doubt: a status line or a field
// that is none, Content-Length with Transfer-Encoding, lengths that differ, a coding other than
// chunked, a limit exceeded, 101, an end inside an answer. After a failure nothing comes any more.
class reply_parser
{
public:
    explicit reply_parser(const reply_limits& limits = {});
    ~reply_parser();
    reply_parser(reply_parser&&) noexcept;
    reply_parser& operator=(reply_parser&&) noexcept;

    // Bytes are read where they are: they must stay alive until next() has returned null, and only
    // then may more be fed. Whoever ends the connection before that lets go of the parser.
    void feed(std::string_view bytes);

    // The peer will send no more: completes an answer that its end delimits, and is a failure
    // inside any other. Call next() afterwards.
    void finish();

    // The next answer, which lives until the next call; null when it needs more bytes, or has
    // failed. Code and message are read only where the status is no 2xx. `now` turns a date in
    // Retry-After into a wait.
    [[nodiscard]] const answer* next(wall_time now);

    // The body of the answer that next() returned last, up to body_kept_max bytes; lives until the
    // next call of next() or feed().
    [[nodiscard]] std::string_view body() const;

    [[nodiscard]] const std::optional<fault>& failure() const;

    // True between two answers with nothing buffered. While no answer is owed, false means a
    // surplus byte (SPEC P2). An interim answer is the beginning of one.
    [[nodiscard]] bool idle() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace reaper
