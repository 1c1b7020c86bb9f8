#pragma once
// What the rivals share: a pace, kept by even spacing, and a window that does not bind.

#include "reaper/core/pacer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reaper::bench {

class spaced : public pacer
{
public:
    spaced(mono_time now, double per_s, double credit_s = 0.005)
        : rate_(per_s), credit_s_(credit_s), next_at_(now)
    {
    }

    [[nodiscard]] mono_time ready_at(mono_time /*now*/) const override { return next_at_; }

    void sent(mono_time now) override
    {
        next_at_ = std::max(next_at_, now - ns(credit_s_)) + ns(1 / std::max(rate_, 0.02));
    }

    void accepted(mono_time /*now*/, duration /*round_trip*/, bool /*held_back*/) override {}

    void refused(mono_time /*now*/, const refusal& /*what*/) override {}

    void resumed(mono_time /*now*/) override {}

    void backlog(std::uint64_t /*requests*/) override {}

    void set_ceiling(std::optional<double> /*per_s*/) override {}

    void may_be_raised(mono_time /*now*/) override {}

    [[nodiscard]] double pace_per_s() const override { return rate_; }

    [[nodiscard]] std::uint64_t window() const override
    {
        return std::numeric_limits<std::uint64_t>::max();
    }

    [[nodiscard]] std::optional<learnt_pace> learnt() const override { return std::nullopt; }

protected:
    static duration ns(double s)
    {
        return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
    }

    static double at(mono_time t) { return to_seconds(t.time_since_epoch()); }

    double rate_;
    double credit_s_;
    mono_time next_at_;
};

}  // namespace reaper::bench
