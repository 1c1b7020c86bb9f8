#pragma once
// A pacer on a course: requests, silences and canaries as the engine has them, in virtual time.

#include "reaper/core/pacer.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace reaper::test {

// A pacer under a server that answers after 50 ms and refuses what `fits` refuses; silences of 5 s
// and their canary as the engine keeps them.
class course
{
public:
    static constexpr std::uint64_t plenty = 1'000'000'000;

    explicit course(std::optional<learnt_pace> remembered = {}, std::uint64_t backlog = plenty)
        : pace(make_pacer(now, remembered, 1))
    {
        pace->backlog(backlog);
    }

    void run_for(duration time)
    {
        for (const mono_time end = now + time; now < end;)
            request();
    }

    std::function<bool()> fits = [] { return true; };
    std::function<bool()> canary_fits = [] { return true; };
    int let_through_behind = 0;  // of the requests that are in flight when one is refused
    int refused_behind = 0;
    bool held_back = true;
    mono_time now{std::chrono::seconds(1000)};
    std::unique_ptr<pacer> pace;
    int silences = 0;

private:
    void request()
    {
        now = std::max(now, pace->ready_at(now));
        const mono_time sent = now;
        pace->sent(now);
        if (fits()) {
            pace->accepted(
                now + std::chrono::milliseconds(50), std::chrono::milliseconds(50), held_back
            );
            return;
        }
        ++silences;
        pace->refused(
            now + std::chrono::milliseconds(50), {.sent_at = sent, .begins = true, .canary = false}
        );
        for (int i = 0; i < let_through_behind; ++i)
            pace->accepted(
                now + std::chrono::milliseconds(51), std::chrono::milliseconds(50), held_back
            );
        for (int i = 0; i < refused_behind; ++i)
            pace->refused(
                now + std::chrono::milliseconds(52),
                {.sent_at = sent, .begins = false, .canary = false}
            );
        now += std::chrono::milliseconds(5050);
        pace->sent(now);
        while (!canary_fits()) {
            pace->refused(
                now + std::chrono::milliseconds(50),
                {.sent_at = now, .begins = true, .canary = true}
            );
            now += std::chrono::milliseconds(5050);
            pace->sent(now);
        }
        pace->accepted(
            now + std::chrono::milliseconds(50), std::chrono::milliseconds(50), held_back
        );
        now += std::chrono::milliseconds(50);
        pace->resumed(now);
    }
};

// A limit of so many in each whole window. Its copies count together: requests and canaries.
inline std::function<bool()> window_of(
    const course& c, std::uint64_t count, std::chrono::seconds length = std::chrono::seconds(1)
)
{
    struct taken
    {
        std::int64_t window = -1;
        std::uint64_t count = 0;
    };

    return [&c, count, length, in = std::make_shared<taken>()] {
        const std::int64_t current = c.now.time_since_epoch() / length;
        if (in->window != current)
            *in = taken{.window = current};
        return ++in->count <= count;
    };
}

// A token bucket of so many tokens, filled at `per_s`, which may change; full at first.
inline std::function<bool()> bucket_of(
    const course& c, double tokens_max, std::function<double()> per_s
)
{
    return [&c, tokens_max, per_s = std::move(per_s), tokens = tokens_max, at = c.now]() mutable {
        tokens = std::min(tokens_max, tokens + per_s() * to_seconds(c.now - at));
        at = c.now;
        const bool fits = tokens >= 1;
        tokens -= fits ? 1 : 0;
        return fits;
    };
}

}  // namespace reaper::test
