#pragma once
// The law of the pace, private to the pacer: docs/pace.md has it in prose. In short: climb until
// refused; believe a rate that has outlived its proof; hold the best that is believed; test for
// more when a test is worth the five seconds that a refusal costs.

#include "pacer_meter.hpp"
#include "pacer_window.hpp"
#include "reaper/core/pacer.hpp"

#include <deque>
#include <random>

namespace reaper {

// The law reckons in seconds as numbers.
inline double seconds(mono_time t)
{
    return to_seconds(t.time_since_epoch());
}

inline duration seconds_of(double s)
{
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

// A refusal costs five seconds of silence and the canary's round trip, so it must pay.
inline constexpr double refusal_cost_s = 5.1;
// The least that a test goes above what is proved.
inline constexpr double growth_min = 0.06;
// What was held for so long before a test is what to come back to.
inline constexpr double safe_after_s = 15;
// A bracket is worth narrowing at once if its width, times the work left, is worth two refusals ...
inline constexpr double narrow_worth_s = 2 * refusal_cost_s;
// ... after so long at the proved rate.
inline constexpr double narrow_wait_s = 1;

// A volley of so many says something.
inline constexpr double volley_min = 3;
// And one of so many may have been shut out.
inline constexpr double volley_shut = 5;
// What is taken for the burst of a window, and the most that any is taken for, in seconds.
inline constexpr double burst_window_s = 0.1;
inline constexpr double burst_max_s = 10;

// A rate that moves by so much has moved.
inline constexpr double moved_share = 0.06;
// A move of so much (of the logarithm), so long after the last, is a change of the limit.
inline constexpr double change_min = 0.2;
inline constexpr double change_apart_s = 20;
// Changes older than this say nothing of those to come.
inline constexpr double changes_last_s = 1800;
inline constexpr std::size_t changes_max = 32;
// Few changes close together are no rhythm.
inline constexpr double changes_apart_min_s = 120;
// A rate that was held for so long is a level: its loss is a change, and it may come back.
inline constexpr double level_min_s = 60;
// Two rates that differ by so much are two levels.
inline constexpr double level_ratio = 1.2;
// Levels between which the limit went are remembered for so long.
inline constexpr double level_memory_s = 900;

class pace_law final : public pacer
{
public:
    pace_law(mono_time now, const std::optional<learnt_pace>& remembered, std::uint64_t seed);

    [[nodiscard]] mono_time ready_at(mono_time now) const override;
    void sent(mono_time now) override;
    void accepted(mono_time now, duration round_trip, bool held_back) override;
    void refused(mono_time now, const refusal& what) override;
    void resumed(mono_time now) override;
    void backlog(std::uint64_t requests) override;
    void set_ceiling(std::optional<double> per_s) override;
    void may_be_raised(mono_time now) override;

    [[nodiscard]] double pace_per_s() const override { return rate_; }

    [[nodiscard]] std::uint64_t window() const override;
    [[nodiscard]] std::optional<learnt_pace> learnt() const override;

private:
    enum class mode : std::uint8_t
    {
        ramp,   // nothing is known: fast upwards
        climb,  // a rate is being proved
        hold,   // the best proved rate, until the next test
    };

    // A rate that was held, the lowest refused one above it, and until when both are remembered.
    struct level
    {
        double held = 0;
        double refused = 0;
        double until = 0;
    };

    // --- upwards (pacer.cpp)
    void ramp(double t);
    void believe(double t);
    void learn(double t);
    void set(double t, double rate, mode m, double gain);

    // --- when, and by how much (pacer_steps.cpp)
    void noticed(double t, double rate);
    void step(double t);
    void test(double t);
    void hold(double t);
    [[nodiscard]] double hazard(double t) const;
    [[nodiscard]] double ideal_wait_s(double t, double gain) const;
    [[nodiscard]] double test_wait_s(double t);
    [[nodiscard]] bool is_worth_testing(double t) const;
    [[nodiscard]] bool knows_upper_level(double t) const;
    [[nodiscard]] double proof_s(double gain) const;
    [[nodiscard]] double worth_s(double t) const;
    [[nodiscard]] double bracket() const;
    [[nodiscard]] double bracket_step(double t) const;
    [[nodiscard]] bool is_worth_narrowing(double t) const;

    // --- downwards (pacer_refusals.cpp)
    [[nodiscard]] double canary_wait_s();
    void judge(double t);
    void window_filled(double t);
    void guess(double t, double rate, double growth);
    void refused_in_ramp(double t);
    void refused_in_test(double t);
    void refused_at_hold(double t);
    void fall(double t);

    // --- by how much (pacer_measures.cpp)
    [[nodiscard]] double volley_rate() const;
    [[nodiscard]] double measured() const;
    [[nodiscard]] double bucket_rate(double last_second) const;
    [[nodiscard]] bool was_shut_out() const;
    void learn_burst(double s);

    // --- neither, perhaps (pacer_accidents.cpp)
    [[nodiscard]] bool is_accident() const;
    [[nodiscard]] bool rules_out_the_step() const;
    [[nodiscard]] bool is_immune(double t) const;
    [[nodiscard]] bool overdrawn_again();
    void accident(double t);
    void overdrawn(double t);
    void try_slower(double t);

    pace_meter meter_;
    std::minstd_rand dice_;

    mode mode_ = mode::ramp;
    double rate_ = 0;
    double proved_ = 0;           // the best rate that outlived its proof, 0 for none
    double refused_ = 0;          // the lowest rate above it that was refused, 0 for none
    double growth_ = 0;           // the next step where no refusal bounds it, as a share
    double growth_max_ = 1;       // and the most that it becomes
    double set_at_ = 0;           // since when `rate_` is what it is
    double proof_ = 0;            // how long it must live to be believed
    double test_at_ = 0;          // of a hold
    double hinted_at_ = -1e9;     // when somebody last said that it may have been raised
    double narrow_at_ = 0;        // when its bracket may be narrowed
    bool testing_ = false;        // whether the limit was raised
    double noticed_at_ = 0;       // when the limit last was seen to move
    double level_ = 0;            // what it was then
    double change_from_ = 0;      // what it was at its last change, ...
    double changed_at_ = 0;       // and when that was: the steps of one climb are one change
    std::deque<double> changes_;  // when it changed, lately
    double safe_ = 0;             // what was held for long before the last test
    bool base_held_ = false;      // and for long enough to have filled any bucket
    double base_ = 0;             // what was held before this climb, ...
    double excess_s_ = 0;         // ... and how much more was sent since, in seconds of it
    double burst_s_ = 1;          // seconds of burst that may hide an overshoot
    long_window window_;          // as far as one was met

    level upper_;              // from where the limit fell
    level lower_;              // from where it rose back there
    double base_refused_ = 0;  // what `refused_` was when the test began
    bool jumping_ = false;     // a test of the upper level
    double strikes_ = 0;       // refusals of a proved rate, lately
    double struck_at_ = -1e9;
    double accident_life_ = 0;    // how long accidents are in coming
    double trial_from_ = 0;       // the pace before the last accident, while a slower one is tried
    double trial_life_ = 0;       // how long that accident had been in coming
    std::size_t trial_ = 0;       // which one
    double trial_lives_s_ = 0;    // how long those at slower paces were in coming, together
    double immune_until_ = 0;     // until then accidents are none of ours
    double immune_life_ = 0;      // if they come about so often
    int soon_again_ = 0;          // how many in a row did not
    int soon_overdrawn_ = 0;      // how many in a row came after a few requests
    double refused_rate_ = 0;     // the rate that the last silence ended
    double refused_set_at_ = 0;   // and since when it had been in use
    int shut_canaries_ = 0;       // of this silence, ...
    double shut_at_ = 0;          // and when the last of them was refused
    bool heard_ = false;          // anything was ever let through
    bool first_refused_ = false;  // the silence began before that
    bool in_silence_ = false;
    double refused_at_ = 0;

    std::optional<learnt_pace> learnt_;
    double backlog_ = 1e18;
    std::optional<double> ceiling_;
    mono_time next_at_{};  // of the even spacing
    mono_time sent_at_{};
};

}  // namespace reaper
