#include "reaper/core/latency.hpp"

#include <algorithm>
#include <cmath>

namespace reaper {

namespace {

constexpr double smallest_ms = 0.01;
constexpr double growth = 1.1;

}  // namespace

void latency_histogram::add(double milliseconds)
{
    // Requests that went and came together took the same time: the logarithm is found once.
    if (milliseconds != last_ms_) {
        static const double per_bucket = 1 / std::log(growth);
        const double ratio = std::max(milliseconds, smallest_ms) / smallest_ms;
        last_ms_ = milliseconds;
        last_ = std::min(static_cast<std::size_t>(std::log(ratio) * per_bucket), bucket_count - 1);
    }
    ++buckets_[last_];
    ++count_;
}

double latency_histogram::percentile(double p) const
{
    if (count_ == 0)
        return 0;
    const double wanted = p * static_cast<double>(count_);
    double seen = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
        seen += static_cast<double>(buckets_[i]);
        if (seen >= wanted && seen > 0)
            return smallest_ms * std::pow(growth, static_cast<double>(i + 1));
    }
    return smallest_ms * std::pow(growth, static_cast<double>(bucket_count));
}

}  // namespace reaper
