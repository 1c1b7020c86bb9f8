#include "reaper/core/breaker.hpp"

#include <algorithm>

namespace reaper {

breaker::breaker(std::uint64_t window, double share)
    : bad_(std::max<std::uint64_t>(window, 1), false), share_(share)
{
}

bool breaker::add_to_ring(bool bad)
{
    if (seen_ >= bad_.size() && bad_[next_])
        --bad_count_;
    bad_[next_] = bad;
    if (bad)
        ++bad_count_;
    if (++next_ == bad_.size())
        next_ = 0;
    ++seen_;
    // Only a full window is evidence: the first answers of a job may well be its worst.
    return seen_ >= bad_.size() &&
           static_cast<double>(bad_count_) > share_ * static_cast<double>(bad_.size());
}

void breaker::reset()
{
    seen_ = 0;
    bad_count_ = 0;
    next_ = 0;
}

}  // namespace reaper
