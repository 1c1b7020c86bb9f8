#pragma once
// The guards that look at outcomes as they come (SPEC 6): too many of the job's last 1,000 outcomes
// of sent tokens were neither deleted nor already gone; five 403 in a row.

#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <vector>

namespace reaper {

class breaker
{
public:
    // Trips when more than `share` of the last `window` outcomes are not deleted or already gone.
    breaker(std::uint64_t window, double share);

    // A final outcome of a token that was sent. True if the breaker is tripped now.
    bool add(outcome o)
    {
        const bool bad = o != outcome::deleted && o != outcome::already_gone;
        // In a ring without a bad one it does not matter where the next would stand.
        if (!bad && bad_count_ == 0) {
            ++seen_;
            return false;
        }
        return add_to_ring(bad);
    }

    // `release`: the count starts afresh.
    void reset();

private:
    bool add_to_ring(bool bad);

    std::vector<bool> bad_;  // ring of the last outcomes
    std::size_t next_ = 0;
    std::uint64_t seen_ = 0;
    std::uint64_t bad_count_ = 0;
    double share_;
};

// Counts 403 answers in a row.
class misuse_run
{
public:
    // A final outcome of a sent token; true when the run has reached five.
    bool add(bool misuse)
    {
        length_ = misuse ? length_ + 1 : 0;
        return length_ >= holds_at;
    }

    void reset() { length_ = 0; }

private:
    static constexpr unsigned holds_at = 5;
    unsigned length_ = 0;
};

}  // namespace reaper
