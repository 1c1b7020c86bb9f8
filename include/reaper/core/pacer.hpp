#pragma once
// How fast to send under a limit that nobody publishes (SPEC 7). The interface is all that the
// engine knows of a controller; the gate lies below it and is not its business. No clock: instants
// come in, the instant worth asking again goes out.

#include "reaper/base/time.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace reaper {

class pacer
{
public:
    virtual ~pacer() = default;

    // The instant from which the next request may go; at or before `now` means now.
    [[nodiscard]] virtual mono_time ready_at(mono_time now) const = 0;

    // A request was handed to a connection.
    virtual void sent(mono_time now) = 0;

    // An answer that was no 429: the limit let the request through. `held_back` says that the pace,
    // not a lack of work, was what limited sending lately: unused speed proves nothing.
    virtual void accepted(mono_time now, duration round_trip, bool held_back) = 0;

    // The first 429 of an episode was read.
    virtual void refused(mono_time now) = 0;

    // The silence is over: a canary got a clear answer.
    virtual void resumed(mono_time now) = 0;

    // A new ceiling (`pace: N/s`), or none.
    virtual void set_ceiling(std::optional<double> per_s) = 0;

    [[nodiscard]] virtual double pace_per_s() const = 0;

    // How many requests may be unanswered at once, over all connections.
    [[nodiscard]] virtual std::uint64_t window() const = 0;

    // What a restart should begin with, once something has been learnt.
    [[nodiscard]] virtual std::optional<double> learnt() const = 0;
};

// A simple honest pace: doubles every half second until it is refused, then stays a little below
// what was let through, and creeps up while nothing is refused. `remembered` is a pace that was
// learnt before a restart.
class ramp_pacer final : public pacer
{
public:
    ramp_pacer(
        mono_time now, std::optional<double> ceiling_per_s, std::optional<double> remembered
    );

    [[nodiscard]] mono_time ready_at(mono_time now) const override;
    void sent(mono_time now) override;
    void accepted(mono_time now, duration round_trip, bool held_back) override;
    void refused(mono_time now) override;
    void resumed(mono_time now) override;
    void set_ceiling(std::optional<double> per_s) override;
    [[nodiscard]] double pace_per_s() const override;
    [[nodiscard]] std::uint64_t window() const override;
    [[nodiscard]] std::optional<double> learnt() const override;

private:
    void grow(mono_time now);
    void set_pace(double per_s);
    [[nodiscard]] double accepted_last_second(mono_time now) const;

    // Accepted requests of the last second, in slots of 50 ms.
    struct slot
    {
        std::int64_t ordinal = -1;
        std::uint64_t count = 0;
    };

    static constexpr std::size_t slot_count = 20;

    bool ramping_ = true;  // no refusal seen yet
    double pace_ = 0;
    std::optional<double> ceiling_;
    mono_time grown_at_{};
    mono_time next_at_{};      // of the even spacing
    double round_trip_s_ = 0;  // smoothed; 0 until the first answer
    std::array<slot, slot_count> slots_{};
};

}  // namespace reaper
