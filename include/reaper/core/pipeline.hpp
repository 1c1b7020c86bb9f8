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
// lie in a ring that grows to the deepest window there was: a request costs no allocation.
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
        if (empty())
            owed_since_ = now;
        if (count_ == ring_.size())
            grow();
        entry& next = at(count_++);
        next.request = std::move(request);
        next.sent_at = now;
    }

    // The request that an answer read at `now` belongs to. Requires !empty(): an answer that nobody
    // waits for must close the connection instead.
    entry answered(mono_time now)
    {
        assert(!empty());
        entry& front = at(0);
        first_ = (first_ + 1) % ring_.size();
        --count_;
        owed_since_ = now;
        return std::move(front);
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
    [[nodiscard]] entry& at(std::size_t i) { return ring_[(first_ + i) % ring_.size()]; }

    void grow()
    {
        std::vector<entry> larger(std::max<std::size_t>(2 * ring_.size(), 8));
        for (std::size_t i = 0; i < count_; ++i)
            larger[i] = std::move(at(i));
        ring_ = std::move(larger);
        first_ = 0;
    }

    std::vector<entry> ring_;  // count_ of them, from first_ on, are requests
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    mono_time owed_since_{};  // the later of: the oldest was sent, the last answer came
};

}  // namespace reaper
