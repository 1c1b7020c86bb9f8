#include "reaper/core/health.hpp"

#include <algorithm>

namespace reaper {

namespace {

constexpr duration blocked_retry = std::chrono::minutes(5);
constexpr duration maintenance_base = std::chrono::seconds(30);
constexpr duration maintenance_cap = std::chrono::minutes(5);

duration doubled(duration base, duration cap, unsigned step)
{
    return std::min(cap, base * (std::int64_t{1} << std::min(step, 20U)));
}

// Up to a quarter on top: jitter never undercuts a floor.
duration with_jitter(duration wait, std::mt19937_64& random)
{
    std::uniform_real_distribution<double> added(0.0, 0.25);
    return wait +
           duration(static_cast<std::int64_t>(static_cast<double>(wait.count()) * added(random)));
}

}  // namespace

void account_health::enter(trouble next, mono_time until)
{
    if (trouble_ != next)
        step_ = 0;
    trouble_ = next;
    until_ = until;
}

void account_health::clear_answer()
{
    trouble_ = trouble::none;
    until_ = {};
    step_ = 0;
    what_.clear();
    charged_.clear();
}

void account_health::key_refused(mono_time now, bool was_probe)
{
    charged_.clear();
    // Answers of the same volley say it again: they do not push the probe away.
    if (trouble_ == trouble::blocked && !was_probe)
        return;
    enter(trouble::blocked, now + blocked_retry);
}

void account_health::maintenance(mono_time now, bool was_probe)
{
    charged_.clear();
    if (trouble_ == trouble::maintenance && !was_probe)
        return;
    if (trouble_ != trouble::maintenance)
        step_ = 0;
    const duration wait = doubled(maintenance_base, maintenance_cap, step_);
    enter(trouble::maintenance, now + wait);
    ++step_;
}

bool account_health::unclear(
    mono_time now, token_name token, bool was_probe, std::string what, std::mt19937_64& random
)
{
    what_ = std::move(what);
    // One of the volley that the trouble began with: it says nothing new.
    if (trouble_ != trouble::none && !was_probe)
        return false;
    if (trouble_ != trouble::none) {
        // A probe failed: a while longer, and nobody is charged.
        if (trouble_ == trouble::blocked || trouble_ == trouble::maintenance)
            enter(trouble::outage, {});
        until_ = now + with_jitter(doubled(base_, cap_, step_), random);
        ++step_;
        return false;
    }
    if (std::find(charged_.begin(), charged_.end(), token) == charged_.end())
        charged_.push_back(token);
    if (charged_.size() >= outage_after) {
        enter(trouble::outage, now + with_jitter(base_, random));
        step_ = 1;
    }
    return true;
}

void account_health::connect_failed(mono_time now, std::string what, std::mt19937_64& random)
{
    network_until_ = now + with_jitter(doubled(base_, cap_, network_step_), random);
    ++network_step_;
    network_what_ = std::move(what);
}

void account_health::connected()
{
    network_until_ = {};
    network_step_ = 0;
    network_what_.clear();
}

void account_health::key_changed(mono_time now)
{
    if (trouble_ == trouble::blocked)
        until_ = now;
    network_until_ = std::min(network_until_, now);
}

void account_health::set_waits(duration base, duration cap)
{
    base_ = base;
    cap_ = cap;
}

mono_time account_health::until() const
{
    return std::max(until_, network_until_);
}

}  // namespace reaper
