#pragma once
// The requests of one connection that are not answered yet, in the order they were handed over.
// Replies match them strictly in that order (RFC 9112 9.3.2, SPEC P2): the only way out is the
// front, or the loss of the whole connection.

#include "reaper/base/time.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace reaper {

// `Request` is what the user of the pipeline keeps of a request; it is default-constructible. They
// lie in a ring that grows to the deepest window there was, and are filled and read where they lie:
// a request costs no allocation and no copy.
template <class Request>
class pipeline
{
public:
    struct entry
    {
        Request request;
        mono_time sent_at{};
    };

    // Where the next request is to be written; it holds what an earlier one left. Valid until
    // push(), which makes it one of those that are owed.
    [[nodiscard]] Request& draft()
    {
        if (count_ == capacity_)
            grow();
        return at(count_).request;
    }

    // The request that was written to draft() has been handed over.
    void push(mono_time now)
    {
        assert(count_ < capacity_);
        if (empty())
            owed_since_ = now;
        at(count_++).sent_at = now;
    }

    void push(Request request, mono_time now)
    {
        draft() = std::move(request);
        push(now);
    }

    // The request that an answer read at `now` belongs to; valid until the next draft() or push().
    // Requires !empty(): an answer that nobody waits for must close the connection instead.
    entry& answered(mono_time now)
    {
        assert(!empty());
        entry& front = at(0);
        first_ = wrapped(first_ + 1);
        --count_;
        owed_since_ = now;
        return front;
    }

    // The connection is gone: everything unanswered, oldest first, exactly once.
    [[nodiscard]] std::vector<entry> lost()
    {
        std::vector<entry> unanswered;
        unanswered.reserve(count_);
        for (std::size_t i = 0; i < count_; ++i)
            unanswered.push_back(std::move(at(i)));
        first_ = count_ = 0;
        return unanswered;
    }

    // When the oldest answer is overdue: `timeout` after it was sent, or after the last answer,
    // whichever is later (SPEC 6). nullopt while nothing is owed.
    [[nodiscard]] std::optional<mono_time> overdue_at(duration timeout) const
    {
        if (empty())
            return std::nullopt;
        return owed_since_ + timeout;
    }

    [[nodiscard]] bool empty() const { return count_ == 0; }

    [[nodiscard]] std::size_t size() const { return count_; }

private:
    // The i-th oldest.
    [[nodiscard]] entry& at(std::size_t i) { return ring_[wrapped(first_ + i)]; }

    [[nodiscard]] std::size_t wrapped(std::size_t index) const { return index & (capacity_ - 1); }

    void grow()
    {
        const std::size_t doubled = std::max<std::size_t>(2 * capacity_, 8);
        std::vector<entry> larger(doubled);
        for (std::size_t i = 0; i < count_; ++i)
            larger[i] = std::move(at(i));
        ring_ = std::move(larger);
        capacity_ = doubled;
        first_ = 0;
    }

    std::vector<entry> ring_;   // count_ of them, from first_ on, are requests
    std::size_t capacity_ = 0;  // how many it has: a power of two, or none
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    mono_time owed_since_{};  // the later of: the oldest was sent, the last answer came
};

}  // namespace reaper
