#pragma once
// Runs a piece of the real code on a modelled disk and ends it at every one of its calls in turn.

#include "sim/disk_model.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

namespace reaper::test {

struct process_died
{
};

// Lets `code` run as a process of its own that dies before its call number `last` + 1; true if it
// came to its end before. What it has built must be gone when it returns.
inline bool live(disk_model& disk, std::uint64_t last, const std::function<void()>& code)
{
    const auto end = disk.calls() + last;
    disk.set_hook([&disk, end](call_kind, std::string_view) {
        if (disk.calls() > end)
            throw process_died();
    });
    try {
        code();
    } catch (const process_died&) {
        // What it has learnt dies with it.
    }
    disk.set_hook({});
    const bool is_whole = !disk.is_dead();
    disk.die();
    return is_whole;
}

struct crash_plan
{
    std::function<void(disk_model&)> before;  // what the disk holds, durably
    std::function<void()> code;
    // Looks at what is left, as the next process. `is_whole`: the code ran to its end.
    std::function<void(disk_model&, bool is_whole)> after;
    unsigned seeds = 8;  // for each call
};

// A power cut before each call, and one after the last; as many outcomes as there are seeds.
inline void cut_power_at_every_call(const crash_plan& plan)
{
    bool is_whole = false;
    for (std::uint64_t last = 0; !is_whole; ++last) {
        ASSERT_LT(last, 20'000U) << "it does not end";
        for (unsigned seed = 0; seed < plan.seeds; ++seed) {
            SCOPED_TRACE("after " + std::to_string(last) + " calls, seed " + std::to_string(seed));
            disk_model disk({.seed = seed + 1});
            const auto active = disk.activate();
            plan.before(disk);
            is_whole = live(disk, last, plan.code);
            disk.crash(seed == 0 ? survival::lost : seed == 1 ? survival::kept : survival::mixed);
            plan.after(disk, is_whole);
            EXPECT_EQ(disk.misuses(), 0U);
            if (testing::Test::HasFailure())
                return;
        }
    }
}

}  // namespace reaper::test
