#pragma once
// How fast to send under a limit that nobody publishes (SPEC 7; docs/pace.md has the law, why it is
// as it is, and what it reaches). The interface is all that the engine knows of a controller; the
// gate lies below it and is not its business. No clock: instants come in, the instant worth asking
// again goes out.

#include "reaper/base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace reaper {

// A 429, as a pacer sees it.
struct refusal
{
    mono_time sent_at{};
    bool begins = false;  // it begins a silence
    bool canary = false;  // it was the answer to the one request that follows a silence
};

// What a restart should begin with.
struct learnt_pace
{
    double per_s = 0;
    double burst_s = 1;   // seconds of burst that may hide an overshoot
    double window_s = 0;  // of a window that is longer than the silence, if one was met
    mono_time at{};       // when the pace was last seen to hold
};

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

    // A 429 was read: any of them, also those that were in flight when the silence began.
    virtual void refused(mono_time now, const refusal& what) = 0;

    // The silence is over: a canary got a clear answer.
    virtual void resumed(mono_time now) = 0;

    // How many requests are yet to be sent, as far as is known. A test of more speed must pay.
    virtual void backlog(std::uint64_t requests) = 0;

    // A new ceiling (`pace: N/s`), or none.
    virtual void set_ceiling(std::optional<double> per_s) = 0;

    // Somebody changed the configuration: perhaps because the limit was raised.
    virtual void may_be_raised(mono_time now) = 0;

    [[nodiscard]] virtual double pace_per_s() const = 0;

    // How many requests may be unanswered at once, over all connections.
    [[nodiscard]] virtual std::uint64_t window() const = 0;

    // Nothing before something has been learnt.
    [[nodiscard]] virtual std::optional<learnt_pace> learnt() const = 0;
};

// The one that ships. `seed` spreads the tests of several daemons that share a limit.
[[nodiscard]] std::unique_ptr<pacer> make_pacer(
    mono_time now, const std::optional<learnt_pace>& remembered, std::uint64_t seed
);

}  // namespace reaper
