#pragma once
// The requests of one connection that are not answered yet, in the order they were handed over.
// Replies match them strictly in that order (RFC 9112 9.3.2, SPEC P2): the only way out is the
// front, or the loss of the whole connection.

#include "reaper/base/time.hpp"

#include <cassert>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace reaper {

// `Request` is what the user of the pipeline keeps of a request.
template <class Request>
class pipeline
{
public:
    struct entry
    {
        Request request;
        mono_time sent_at{};
    };

    void push(Request request, mono_time now)
    {
        if (entries_.empty())
            owed_since_ = now;
        entries_.push_back(entry{std::move(request), now});
    }

    // The request that an answer read at `now` belongs to. Requires !empty(): an answer that nobody
    // waits for must close the connection instead.
    entry answered(mono_time now)
    {
        assert(!entries_.empty());
        entry front = std::move(entries_.front());
        entries_.pop_front();
        owed_since_ = now;
        return front;
    }

    // The connection is gone: everything unanswered, oldest first, exactly once.
    [[nodiscard]] std::deque<entry> lost() { return std::exchange(entries_, {}); }

    // When the oldest answer is overdue: `timeout` after it was sent, or after the last answer,
    // whichever is later (SPEC 6). nullopt while nothing is owed.
    [[nodiscard]] std::optional<mono_time> overdue_at(duration timeout) const
    {
        if (entries_.empty())
            return std::nullopt;
        return owed_since_ + timeout;
    }

    [[nodiscard]] bool empty() const { return entries_.empty(); }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    std::deque<entry> entries_;
    mono_time owed_since_{};  // the later of: the oldest was sent, the last answer came
};

}  // namespace reaper
