#pragma once
// The 5-second rule of one limit (SPEC P3, 6, 7). A hard stop that lies below every pacer: nothing
// is sent while it is shut, whatever a pacer thinks. After each silence one request goes first, the
// canary; only a clear answer to it opens the gate again.
//
//     open --429--> shut --time--> canary due --sent--> canary out --clear answer--> open
//                    ^                 ^                   | 429: shut; lost or 5xx: due again

#include "reaper/base/time.hpp"

namespace reaper {

// The silence that the API asks for after a 429 (API page: "wait for at least 5 seconds").
inline constexpr duration silence_min = std::chrono::seconds(5);

class gate
{
public:
    enum class phase : std::uint8_t
    {
        open,
        shut,
        canary_due,
        canary_out,
    };

    // A 429 was read at `now`. Every one restarts the silence; it never gets shorter.
    // `retry_after` counts where it is longer than the silence. True if this one began the silence.
    bool shut(mono_time now, duration retry_after = {});

    // Shuts until an instant that is known: what a clean stop has stored.
    void shut_until(mono_time until);

    // Call before asking what may be sent: turns a silence that has passed into "canary due".
    void refresh(mono_time now);

    // Whether one more request may be handed to a connection at `now`.
    [[nodiscard]] bool allows(mono_time now) const;

    // A request was handed to a connection. Returns true if it is the canary: its answer, or its
    // loss, must be reported with canary_answered(). Requires allows(now).
    bool sent(mono_time now);

    // The canary's fate, if it was not 429: `clear` for any answer but 5xx.
    void canary_answered(bool clear);

    [[nodiscard]] phase current() const { return phase_; }

    [[nodiscard]] bool is_open() const { return phase_ == phase::open; }

    // The end of the silence; meaningful while shut.
    [[nodiscard]] mono_time shut_until() const { return shut_until_; }

private:
    phase phase_ = phase::open;
    mono_time shut_until_{};
};

}  // namespace reaper
