#pragma once
// The health of an account (SPEC 6): errors that are no token's fault stop the account, not the
// token.
//
//   key refused (401)    blocked; one probe after a reload, a changed key file, and every 5 min
//   maintenance (503)    waits 30 s, growing to 5 min, then one probe
//   outage               5 charged fates of different tokens in a row, no clear answer between: one
//                        probe at a time (1 s to 60 s apart), and nobody is charged, until an
//                        answer is clear
//   network              DNS, connect or TLS failed: waits 1 s to 60 s; the next connect is the
//   probe
//
// The network is apart from the others: it may fail while the key is refused.

#include "reaper/base/time.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace reaper {

enum class trouble : std::uint8_t
{
    none,
    blocked,
    maintenance,
    outage,
};

class account_health
{
public:
    // Names a token of a job, to tell different ones apart.
    using token_name = std::pair<std::uint64_t, std::uint64_t>;

    // `cap` bounds the wait between two probes of an outage and two connects.
    explicit account_health(duration base, duration cap) : base_(base), cap_(cap) {}

    // --- what was seen
    void clear_answer();  // any definite answer but 401 and 503
    void key_refused(mono_time now, bool was_probe);
    void maintenance(mono_time now, bool was_probe);

    // A fate that is unknown, of the oldest request. Returns true if the token is to be charged
    // with an attempt.
    bool unclear(
        mono_time now, token_name token, bool was_probe, std::string what, std::mt19937_64& random
    );

    void connect_failed(mono_time now, std::string what, std::mt19937_64& random);
    void connected();

    // A reload, or a key or CA file that changed: what failed for them may be tried at once.
    void key_changed(mono_time now);

    void set_waits(duration base, duration cap);

    // Charged fates of so many different tokens in a row are an outage.
    static constexpr std::size_t outage_after = 5;

    // --- what may be done
    [[nodiscard]] bool may_connect(mono_time now) const { return now >= network_until_; }

    // Whether requests may go: freely, one at a time as a probe, or not before until().
    [[nodiscard]] bool is_clear() const { return trouble_ == trouble::none; }

    [[nodiscard]] bool may_probe(mono_time now) const { return !is_clear() && now >= until_; }

    // When to look again: the later of the two waits; in the past if there is none.
    [[nodiscard]] mono_time until() const;

    [[nodiscard]] trouble current() const { return trouble_; }

    [[nodiscard]] bool network_down() const { return network_step_ > 0; }

    // What the failing network or API answered last, for people.
    [[nodiscard]] const std::string& what() const { return what_; }

    [[nodiscard]] const std::string& network_what() const { return network_what_; }

private:
    void enter(trouble next, mono_time until);

    duration base_;
    duration cap_;
    trouble trouble_ = trouble::none;
    mono_time until_{};
    unsigned step_ = 0;  // growing waits within the current trouble
    std::string what_;
    std::vector<token_name> charged_;  // different tokens, in a row, without a clear answer between
    mono_time network_until_{};
    unsigned network_step_ = 0;
    std::string network_what_;
};

}  // namespace reaper
