#include "rivals.hpp"

#include "spaced.hpp"

namespace reaper::bench {

namespace {

// Adds or multiplies each second, multiplies by `cut` at each refusal of a new silence.
class aimd final : public spaced
{
public:
    aimd(mono_time now, double add, double grow, double cut)
        : spaced(now, 10), add_(add), grow_(grow), cut_(cut), grown_at_(at(now))
    {
    }

    void accepted(mono_time now, duration /*round_trip*/, bool /*held_back*/) override
    {
        const double passed = std::min(1.0, at(now) - grown_at_);
        grown_at_ = at(now);
        rate_ = rate_ * (1 + grow_ * passed) + add_ * passed;
    }

    void refused(mono_time now, const refusal& what) override
    {
        if (what.begins && !what.canary)
            rate_ *= cut_;
        grown_at_ = at(now);
    }

private:
    double add_;
    double grow_;
    double cut_;
    double grown_at_;
};

// botocore's adaptive mode: off until the first 429, then a cubic of the time since the last one.
class aws_cubic final : public spaced
{
public:
    aws_cubic(mono_time now, double at_first) : spaced(now, at_first), counted_at_(at(now)) {}

    void accepted(mono_time now, duration /*round_trip*/, bool /*held_back*/) override
    {
        measure(now);
        if (!on_)
            return;
        const double dt = at(now) - throttled_at_ - k_;
        rate_ = std::max(0.5, std::min(0.4 * dt * dt * dt + w_max_, 2 * measured_));
    }

    void refused(mono_time now, const refusal& /*what*/) override
    {
        measure(now);
        w_max_ = on_ ? std::min(measured_, rate_) : measured_;
        on_ = true;
        credit_s_ = 1;  // a whole second at once
        throttled_at_ = at(now);
        k_ = std::cbrt(w_max_ * 0.3 / 0.4);
        rate_ = std::max(0.5, 0.7 * w_max_);
    }

private:
    void measure(mono_time now)
    {
        ++count_;
        const double bucket = std::floor(at(now) * 2) / 2;
        if (bucket <= counted_at_)
            return;
        measured_ = 0.8 * count_ / (bucket - counted_at_) + 0.2 * measured_;
        count_ = 0;
        counted_at_ = bucket;
    }

    bool on_ = false;
    double measured_ = 0;
    double count_ = 0;
    double counted_at_;
    double w_max_ = 0;
    double k_ = 0;
    double throttled_at_ = 0;
};

class rclone final : public spaced
{
public:
    explicit rclone(mono_time now) : spaced(now, 100) {}

    void accepted(mono_time /*now*/, duration /*round_trip*/, bool /*held_back*/) override
    {
        sleep_s_ = std::max(0.01, sleep_s_ * 3 / 4);
        rate_ = 1 / sleep_s_;
    }

    void refused(mono_time /*now*/, const refusal& /*what*/) override
    {
        sleep_s_ = 5;
        rate_ = 1 / sleep_s_;
    }

private:
    double sleep_s_ = 0.01;
};

// Vector's adaptive concurrency: no pace, a window that moves once per round trip.
class vector_arc final : public spaced
{
public:
    explicit vector_arc(mono_time now) : spaced(now, 1e6), moved_at_(at(now)) {}

    [[nodiscard]] std::uint64_t window() const override
    {
        return static_cast<std::uint64_t>(limit_);
    }

    void accepted(mono_time now, duration round_trip, bool /*held_back*/) override
    {
        const double rtt = to_seconds(round_trip);
        mean_ = mean_ == 0 ? rtt : 0.4 * rtt + 0.6 * mean_;
        move(now);
    }

    void refused(mono_time now, const refusal& /*what*/) override
    {
        pressed_ = true;
        move(now);
    }

private:
    void move(mono_time now)
    {
        if (at(now) < moved_at_ + mean_)
            return;
        moved_at_ = at(now);
        limit_ = pressed_ ? std::max(1.0, std::floor(limit_ * 0.9)) : std::min(200.0, limit_ + 1);
        pressed_ = false;
    }

    double limit_ = 1;
    double mean_ = 0;
    double moved_at_;
    bool pressed_ = false;
};

template <class Pacer, class... Args>
pacer_maker maker(Args... args)
{
    return [=](const pacer_start& s) { return std::make_unique<Pacer>(s.now, args...); };
}

}  // namespace

const std::vector<rival>& rivals()
{
    static const std::vector<rival> all = {
        {"none+5s",
         [](const pacer_start& s) {
             return std::make_unique<spaced>(s.now, std::max(100.0, 20 * s.limit_per_s));
         }},
        {"fixed 50%",
         [](const pacer_start& s) { return std::make_unique<spaced>(s.now, s.limit_per_s / 2); }},
        {"AIMD +1 x.5", maker<aimd>(1.0, 0.0, 0.5)},
        {"AIMD 1% x.9", maker<aimd>(0.0, 0.01, 0.9)},
        {"AWS cubic",
         [](const pacer_start& s) {
             return std::make_unique<aws_cubic>(s.now, std::max(100.0, 20 * s.limit_per_s));
         }},
        {"rclone", maker<rclone>()},
        {"Vector ARC", maker<vector_arc>()},
        {"study", make_prove_hold},
        {"hold",
         [](const pacer_start& s) {
             std::optional<learnt_pace> remembered;
             if (s.remembered) {
                 const std::chrono::seconds age(static_cast<std::int64_t>(s.remembered_age_s));
                 remembered = learnt_pace{.per_s = *s.remembered, .at = s.now - age};
             }
             return make_pacer(s.now, remembered, s.seed);
         }},
    };
    return all;
}

const rival* find_rival(const std::string& name)
{
    for (const rival& each : rivals())
        if (each.name == name)
            return &each;
    return nullptr;
}

}  // namespace reaper::bench
