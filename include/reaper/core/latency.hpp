#pragma once
// Percentiles of the time from send to answer, in constant memory: buckets that grow by a tenth.

#include <array>
#include <cstddef>
#include <cstdint>

namespace reaper {

class latency_histogram
{
public:
    void add(double milliseconds);

    // The upper edge of the bucket that holds the share `p` (0..1); 0 if nothing was added.
    [[nodiscard]] double percentile(double p) const;

    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    static constexpr std::size_t bucket_count = 160;  // 0.01 ms to about 38,000 s

    std::array<std::uint32_t, bucket_count> buckets_{};
    std::uint64_t count_ = 0;
    double last_ms_ = 0;  // what was added last, and its bucket
    std::size_t last_ = 0;
};

}  // namespace reaper
