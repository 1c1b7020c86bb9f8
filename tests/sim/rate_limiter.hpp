#pragma once
// The limit of a modelled API, in every shape that an API is known to have
// (docs: nothing is published about the real one, so the daemon has to live with each).

#include "world_shape.hpp"

#include <cstdint>
#include <deque>

namespace reaper::test {

// What Batch's documentation asks for after a 429, and how long the ban lasts.
inline constexpr duration silence_after_429 = std::chrono::seconds(5);

// Times must not go backwards. All of it is counted in whole requests and nanoseconds.
class rate_limiter
{
public:
    rate_limiter(const limit_shape& shape, mono_time start);

    // A request comes: true if it is let pass. A refusal starts or extends the ban, if there is
    // one.
    [[nodiscard]] bool take(mono_time now);

    // A request of somebody else under the same limit, who knows nothing of our ban and is not
    // punished with us: otherwise two polite clients could keep each other shut out for ever.
    bool take_for_rival(mono_time now) { return has_room(now); }

    // A 429 that has another cause was answered.
    void note_refusal(mono_time now);

    // Requests that a window or a burst allows.
    [[nodiscard]] std::uint64_t room() const { return room_; }

private:
    [[nodiscard]] bool has_room(mono_time now);
    [[nodiscard]] bool fits_window(mono_time now);
    [[nodiscard]] bool fits_log(mono_time now);
    [[nodiscard]] bool fits_bucket(mono_time now);

    limit_shape shape_;
    mono_time start_;
    std::uint64_t room_ = 0;
    mono_time banned_until_{};

    std::int64_t window_ = -1;  // fixed_window: which one, and what it has let pass
    std::uint64_t passed_ = 0;
    std::deque<mono_time> log_;  // sliding_log
    duration interval_{};        // buckets: between two requests at the full rate
    mono_time empty_at_{};       // buckets: when all that was let pass has drained
};

}  // namespace reaper::test
