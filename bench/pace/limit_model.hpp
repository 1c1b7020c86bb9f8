#pragma once
// The limit that a client does not know: the shapes that servers use, and what happens to them
// during a job. Instants are seconds since the start; a request that is refused takes nothing.

#include "chance.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace reaper::bench {

enum class limit_kind : std::uint8_t
{
    window,  // so many in each window of fixed phase
    log,     // so many in any window: a sliding log
    bucket,  // a token bucket, full at the start
    box,     // a window with a penalty box: whoever asks within 5 s of a 429 waits 5 s more
};

// How the rate moves: `rate x factor(t)`.
struct movement
{
    double change_at_s = 0;    // from here on ...
    double change_to = 1;      // ... so many times the rate
    double day_s = 0;          // the period of a sine, 0 for none ...
    double day_amplitude = 0;  // ... around 1
    double lent_share = 0;     // a share that is not there ...
    double lent_s = 0;         // ... for so long, and there again for as long

    [[nodiscard]] double factor(double t) const;
};

// Somebody else under the same limit, who sends evenly at a share of the rate, on and off.
struct competitor
{
    double share = 0;
    double period_s = 120;  // on for so long, then off for so long
};

struct limit_shape
{
    limit_kind kind = limit_kind::window;
    double seconds = 1;  // of the window, or of burst
    double rate_per_s = 100;
    double phase_s = 0;  // the first window ends here
    movement moves;
    competitor other;
    double spurious = 0;  // the share of requests that is refused for no reason
    std::uint64_t seed = 1;
};

class limit_model
{
public:
    explicit limit_model(const limit_shape& shape);

    // A request arrives at `t`, which never goes back: true if it is let through.
    [[nodiscard]] bool take(double t);

    // Whether the last refusal had no reason.
    [[nodiscard]] bool was_spurious() const { return was_spurious_; }

    // The first instant from `t` on at which asking again is worth it, for one who sees the state.
    [[nodiscard]] double next_free(double t) const;

private:
    [[nodiscard]] bool take_slot(double t);

    [[nodiscard]] double rate(double t) const { return shape_.rate_per_s * shape_.moves.factor(t); }

    [[nodiscard]] double window_count(double t) const;
    [[nodiscard]] double window_end(double t) const;
    void fill_bucket(double t);
    void compete(double t);

    limit_shape shape_;
    chance chance_;
    double window_until_ = 0;
    double taken_ = 0;
    std::deque<double> log_;
    double tokens_ = 0;
    double filled_at_ = 0;
    double banned_until_ = -1;
    double other_next_ = 0;
    bool was_spurious_ = false;
};

}  // namespace reaper::bench
