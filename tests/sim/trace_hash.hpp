#pragma once
// What happened in a run, in one number: two runs of one seed must have the same.

#include "reaper/base/time.hpp"

#include <cstdint>

namespace reaper::test {

class trace_hash
{
public:
    // FNV-1a over whole words, and a shift, which lets high bits reach low ones.
    void add(std::uint64_t word)
    {
        value_ = (value_ ^ word) * 0x100000001b3u;
        value_ ^= value_ >> 29u;
    }

    void add(mono_time time) { add(static_cast<std::uint64_t>(time.time_since_epoch().count())); }

    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0xcbf29ce484222325u;
};

}  // namespace reaper::test
