#include "pacer_window.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reaper {

namespace {

// The longest window that is looked for, and how near one that people set must be to be it.
constexpr double window_max_s = 65;
constexpr double window_near = 0.1;
// A shorter cycle than this part of what was taken for the window is one.
constexpr double window_slack = 1.2;
// A cycle of so much of a window is one.
constexpr double cycle_share = 0.985;
// A silence in which so many canaries were refused tells the length of a window well enough.
constexpr int canaries_telling = 3;
// Lives of a window let through the same, give or take one and this share. So many in a row show a
// window that nothing else has shown; two do if the pace differed by so much (of the logarithm).
constexpr double alike_share = 0.005;
constexpr double alike_count_min = 20;
constexpr int alike_lives = 2;
constexpr double alike_pace = 0.1;
// A life with less than this share of what the window let through before has not filled it.
constexpr double filled_share = 0.3;
// A log frees its slots one by one, as they were taken: a canary may be let through long before
// all of them are free. Such a life is short and lets through little.
constexpr double not_yet_s = 1;
constexpr double not_yet_share = 0.1;
// More than this part of what is said to have filled a window does not fit into it.
constexpr double disproof = 1.05;
// Who else keeps a limit shut does so again.
constexpr double others_last_s = 900;

// The longest of the windows that people set that is longer than what was too short, and no longer
// than what was long enough; 0 if none is.
double usual_window(double too_short_s, double enough_s)
{
    for (const double usual : {60.0, 30.0, 20.0, 15.0, 10.0})
        if (usual > too_short_s && usual <= enough_s)
            return usual;
    return 0;
}

// The same; what was long enough if people set none of these.
double likely_window(double too_short_s, double enough_s)
{
    const double usual_s = usual_window(too_short_s, enough_s);
    return usual_s > 0 ? usual_s : enough_s;
}

}  // namespace

double long_window::let_through_per_s(const pace_meter& meter, double refused_at) const
{
    return length_s_ > 0 ? meter.let_through(refused_at, length_s_) / length_s_ : 0;
}

// Did the lives let through the same, and nothing behind the refusal? At one pace, two windows and
// a part of a third may look like one.
bool long_window::compare_with_last(double count, double pace, bool let_through_behind)
{
    const double before = std::exchange(last_count_, count);
    const double pace_before = std::exchange(last_pace_, pace);
    const bool same = std::abs(count - before) <= 1 + alike_share * before;
    alike_ = same && !let_through_behind ? alike_ + 1 : 0;
    return alike_ >= alike_lives ||
           (alike_ > 0 && std::abs(std::log(pace / pace_before)) > alike_pace);
}

long_window::says long_window::ended(const life& what, const pace_meter& meter)
{
    const double life_s = meter.life_s();
    const double cycle_s = life_s + meter.silence_s();
    // A window that is full refuses the volley, too.
    const bool let_through_behind = meter.volley_let_through() > meter.volley_refused();
    const bool alike = compare_with_last(meter.life_count(), what.pace, let_through_behind) &&
                       cycle_s <= window_max_s;
    if (length_s_ == 0 && alike_ >= alike_lives && meter.life_count() >= alike_count_min) {
        // Always the same, though no canary was refused: the windows end within the silences.
        length_s_ = usual_window(life_s, cycle_s);
        seen_ = began_ = length_s_ > 0;
        if (seen_) {
            confirmed_ = true;
            limit_per_s_ = meter.life_count() / length_s_;
            return says::filled;
        }
    }
    if (length_s_ > 0 && life_s < not_yet_s && meter.life_count() < not_yet_share * count_ &&
        !std::exchange(was_not_yet_, true))
        return says::not_yet;
    was_not_yet_ = false;
    // Still shut after five seconds, or shut until a window ended: the next one has just begun.
    if (what.canaries == 0 && (length_s_ == 0 || cycle_s < cycle_share * length_s_)) {
        began_ = false;
        return says::nothing;
    }
    // No window refuses a pace that has outlived it. Somebody else's requests kept the limit shut.
    if (length_s_ == 0 && what.kept_s > window_max_s)
        not_ours_until_ = what.now + others_last_s;
    if (what.now < not_ours_until_)
        return says::nothing;
    const bool from_start = std::exchange(began_, true);
    const bool was_seen = seen_;
    if (what.canaries > 0 && (!seen_ || cycle_s < length_s_ / window_slack))
        learn_length(what, life_s, cycle_s, from_start);
    const double before = std::exchange(count_, meter.let_through(what.refused_at, length_s_));
    // A window that had begun before the life says nothing yet. What fills the same again and again
    // does so whatever was thought of its length.
    if (!from_start || (!alike && (life_s > length_s_ || what.canaries < canaries_telling)))
        return says::nothing;
    if (!was_seen && meter.life_count() < filled_share * before) {
        // It was none.
        forget();
        return says::nothing;
    }
    if (alike) {
        confirmed_ = true;
        const double too_short_s = what.canaries > 0 ? cycle_s - what.now + what.shut_at : life_s;
        length_s_ = likely_window(too_short_s, cycle_s);
    }
    limit_per_s_ = meter.life_count() / length_s_;
    return says::filled;
}

bool long_window::is_disproved_by(double pace) const
{
    return is_sure() && !confirmed_ && pace > disproof * limit_per_s_;
}

void long_window::forget()
{
    length_s_ = limit_per_s_ = 0;
    seen_ = began_ = confirmed_ = false;
}

// From the end of one silence to the end of the next, or, if the window had begun before, a guess.
void long_window::learn_length(const life& what, double life_s, double cycle_s, bool from_start)
{
    const double too_short_s =
        from_start ? life_s + what.shut_at - what.refused_at : cycle_s * (1 - window_near);
    const double enough_s = std::min(window_max_s, cycle_s * (from_start ? 1 : 1 + window_near));
    length_s_ = likely_window(std::min(too_short_s, window_max_s), enough_s);
    seen_ = from_start;
}

}  // namespace reaper
