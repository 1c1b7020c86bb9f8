#pragma once
// A window that is longer than the silence: how long it is, and when what one of them let through
// is the limit, exactly. Part of the pacer's law (docs/pace.md, rule 9). Instants are seconds of
// the pacer.

#include "pacer_meter.hpp"

#include <cstdint>

namespace reaper {

class long_window
{
public:
    // A life, the refusal that ended it, and the silence after that.
    struct life
    {
        double now = 0;         // the canary has just been let through
        double refused_at = 0;  // when the silence began
        double shut_at = 0;     // when the last canary was refused, if any was
        int canaries = 0;       // that were refused
        double pace = 0;        // that was refused
        double kept_s = 0;      // for how long that had been the pace
    };

    enum class says : std::uint8_t
    {
        nothing,
        not_yet,  // what is remembered has not all run out: go on as before
        filled,   // the life filled a window from its beginning: limit_per_s() is the limit
    };

    explicit long_window(double remembered_s = 0) : length_s_(remembered_s) {}

    [[nodiscard]] says ended(const life& what, const pace_meter& meter);

    // 0 if none was met.
    [[nodiscard]] double length_s() const { return length_s_; }

    [[nodiscard]] double limit_per_s() const { return limit_per_s_; }

    // What was let through within one window before `refused_at`, per second: the limit is no less.
    // 0 if no window was met.
    [[nodiscard]] double let_through_per_s(const pace_meter& meter, double refused_at) const;

    // A life has filled it: it is no guess.
    [[nodiscard]] bool is_sure() const { return limit_per_s_ > 0; }

    // So has another, alike. One alone may have been ended by somebody else, who then kept the
    // limit shut for as long as a window would have.
    [[nodiscard]] bool is_confirmed() const { return confirmed_; }

    // A pace that has outlived it let through more than what is said to have filled it.
    [[nodiscard]] bool is_disproved_by(double pace) const;

    // There is none, and never was.
    void forget();

private:
    void learn_length(const life& what, double life_s, double cycle_s, bool from_start);
    [[nodiscard]] bool compare_with_last(double count, double pace, bool let_through_behind);

    double length_s_;
    double limit_per_s_ = 0;
    bool confirmed_ = false;
    bool seen_ = false;
    bool began_ = false;     // with the last resumption
    double count_ = 0;       // let through within a window before the last refusal that showed one
    double last_count_ = 0;  // of the last life, ...
    double last_pace_ = 1;   // the pace that ended it, ...
    int alike_ = 0;          // and how many before it let through the same
    double not_ours_until_ = 0;  // until then it is somebody else who keeps a limit shut
    bool was_not_yet_ = false;
};

}  // namespace reaper
