#pragma once
// What the answers say: how many were let through, since when, and what became of the requests that
// were in flight when the first 429 was read (the volley). Instants are seconds of the pacer.

#include <array>
#include <cstddef>
#include <cstdint>

namespace reaper {

class pace_meter
{
public:
    explicit pace_meter(double now) : resumed_at_(now) {}

    void accepted(double now, double round_trip_s);
    // `span_s` is how long the volley was being sent: from the refused request to this answer.
    void refused_first(double now, double span_s);

    void refused_behind() { ++volley_refused_; }

    void resumed(double now);

    // Let through in the `span_s` before `now`; at most 65 s.
    [[nodiscard]] double let_through(double now, double span_s) const;

    // The last life: from the end of a silence to the first refusal, what was let through in it,
    // and the silence after it up to the canary's answer.
    [[nodiscard]] double life_s() const { return life_s_; }

    [[nodiscard]] double life_count() const { return life_count_; }

    [[nodiscard]] double silence_s() const { return silence_s_; }

    // Of the requests behind the first one that was refused: how many were let through, or refused.
    [[nodiscard]] double volley_let_through() const { return volley_let_through_; }

    [[nodiscard]] double volley_refused() const { return volley_refused_; }

    [[nodiscard]] double volley_span_s() const { return volley_span_s_; }

    [[nodiscard]] double round_trip_s() const { return round_trip_s_; }

    // How far round trips are from that, on average.
    [[nodiscard]] double deviation_s() const { return deviation_s_; }

private:
    struct slot
    {
        std::int64_t ordinal = -1;
        std::uint64_t count = 0;
    };

    // 65 s of slots of 50 ms: the longest window that is common, and a silence.
    static constexpr double slot_s = 0.05;
    static constexpr std::size_t slot_count = 1300;

    double round_trip_s_ = 0;  // smoothed; 0 until the first answer
    double deviation_s_ = 0;
    double resumed_at_;
    double refused_at_ = -1;  // of the silence that lasts, or -1
    double count_ = 0;
    double life_s_ = 0;
    double life_count_ = 0;
    double silence_s_ = 0;
    double volley_let_through_ = 0;
    double volley_refused_ = 0;
    double volley_span_s_ = 0;
    std::array<slot, slot_count> slots_{};
};

}  // namespace reaper
