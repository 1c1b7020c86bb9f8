// A daemon with nothing to do costs its host nothing: only the rescan and the watchdog wake it.

#include "rig.hpp"

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace {

using namespace reaper::test;
using namespace std::chrono_literals;

// How often the process has gone to sleep: once for every time that something woke it.
long sleeps_of(pid_t pid)
{
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    const std::string wanted = "voluntary_ctxt_switches:";
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(wanted))
            return std::stol(line.substr(wanted.size()));
    return -1;
}

bool says_quiet(const rig& r)
{
    const std::string file = r.spool() + "/state/status.json";
    std::error_code none;
    return std::filesystem::exists(file, none) &&
           rig::json_of(file).at("quiet_ns").to_number<std::int64_t>() > 0;
}

TEST(Idle, NothingWakesItButTheRescanAndTheWatchdog)
{
    rig r;
    r.start_sandbox();
    r.configure();
    r.start_daemon();
    ASSERT_TRUE(wait_until([&r] { return says_quiet(r); }, 20s)) << r.log();
    std::this_thread::sleep_for(200ms);  // what it was doing when it said so

    const long before = sleeps_of(r.daemon().pid());
    std::this_thread::sleep_for(5s);
    const long after = sleeps_of(r.daemon().pid());
    EXPECT_GE(before, 0);
    EXPECT_LE(after - before, 1) << "once a second would be five times";
    EXPECT_EQ(r.command({"health"}, "health").wait_for(10s), 0) << "it is quiet, not stuck";

    // And it hears what is dropped at once, not at the next rescan.
    r.drop("late.txt", token_lines(10));
    const std::string job = r.wait_done("late.txt");
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 10u);
    EXPECT_EQ(r.stop_daemon(), 0);
    r.stop_sandbox();
    r.expect_audit_ok();
}

}  // namespace
