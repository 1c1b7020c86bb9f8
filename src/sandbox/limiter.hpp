#pragma once
// Rate limits of the shapes that real services use, so that the daemon's pace can be tried against
// each. Pure: the time is an argument, and must not go back.

#include "sandbox/options.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sandbox {

class limiter
{
public:
    // `phase` shifts the borders of fixed windows against the clock.
    explicit limiter(const limit_options& options, duration phase = {});

    // True: the request is let pass, and counted. False: it is answered 429.
    [[nodiscard]] bool admit(mono_time now);

    // A 429 given for another reason starts the ban too.
    void note_refusal(mono_time now) { refused_at_ = now; }

private:
    [[nodiscard]] bool has_room(mono_time now);
    [[nodiscard]] bool fixed_has_room(mono_time now);
    [[nodiscard]] bool sliding_has_room(mono_time now);
    [[nodiscard]] bool bucket_has_room(mono_time now);
    [[nodiscard]] bool leaky_has_room(mono_time now);

    limit_options options_;
    duration phase_;
    duration window_;
    std::size_t window_max_;  // requests per window
    std::optional<mono_time> refused_at_;

    std::int64_t window_index_ = INT64_MIN;  // fixed
    std::size_t window_count_ = 0;
    std::vector<mono_time> admitted_;  // sliding: a ring of the last window_max_
    std::size_t oldest_ = 0;
    double tokens_;  // bucket
    std::optional<mono_time> filled_at_;
    std::optional<mono_time> theoretical_arrival_;  // leaky
};

}  // namespace sandbox
