#include "reaper/core/gate.hpp"

#include <algorithm>
#include <cassert>

namespace reaper {

bool gate::shut(mono_time now, duration retry_after)
{
    const bool began = phase_ != phase::shut;
    shut_until_ = std::max(shut_until_, now + std::max(silence_min, retry_after));
    phase_ = phase::shut;
    return began;
}

void gate::shut_until(mono_time until)
{
    shut_until_ = std::max(shut_until_, until);
    phase_ = phase::shut;
}

void gate::refresh(mono_time now)
{
    if (phase_ == phase::shut && now >= shut_until_)
        phase_ = phase::canary_due;
}

bool gate::allows(mono_time now) const
{
    switch (phase_) {
        case phase::open:
            return true;
        case phase::canary_due:
            return now >= shut_until_;
        case phase::shut:
        case phase::canary_out:
            return false;
    }
    return false;
}

bool gate::sent(mono_time now)
{
    // P3. Whoever gets here while the gate is shut has a bug, and must not send.
    assert(allows(now) && now >= shut_until_);
    if (phase_ != phase::canary_due)
        return false;
    phase_ = phase::canary_out;
    return true;
}

void gate::canary_answered(bool clear)
{
    // A straggler's 429 may have shut the gate again while the canary was out: then that silence
    // counts, and the canary's answer no more.
    if (phase_ == phase::canary_out)
        phase_ = clear ? phase::open : phase::canary_due;
}

}  // namespace reaper
