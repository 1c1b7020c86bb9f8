#pragma once
// How many requests a server answers on one connection before it closes (nginx: 1,000 by default).
// Once two connections in a row have ended at the same count, the next one stops there by itself,
// so that nothing is in flight when it closes (SPEC 7: learnt).

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace reaper {

class lifespan
{
public:
    // The server closed a connection of its own will after `answers` answers.
    void closed_after(std::uint64_t answers)
    {
        if (answers == 0)
            return;
        limit_ = answers == last_ ? std::optional(answers) : std::nullopt;
        last_ = answers;
    }

    // A connection has given as many answers and the server has not closed it: nothing was learnt.
    void stays_open()
    {
        limit_.reset();
        last_ = 0;
    }

    // How many more a connection on which `sent` requests were sent should take.
    [[nodiscard]] std::uint64_t left(std::uint64_t sent) const
    {
        const std::uint64_t limit = limit_.value_or(std::numeric_limits<std::uint64_t>::max());
        return limit - std::min(limit, sent);
    }

    [[nodiscard]] bool may_send(std::uint64_t sent) const { return left(sent) > 0; }

private:
    std::optional<std::uint64_t> limit_;
    std::uint64_t last_ = 0;
};

}  // namespace reaper
