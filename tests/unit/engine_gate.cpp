// The 5-second rule (SPEC P3, 6): the fake world checks the silence at every send; here is when the
// gate shuts, what opens it, and what survives.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

// Answers 429 to the requests with these numbers.
api_script throttles(std::set<std::uint64_t> numbers, std::string fields = "")
{
    return [=](const api_request& asked) {
        if (!numbers.contains(asked.number))
            return honest(asked);
        return api_reply{.status = 429, .body = R"({"code":60})", .fields = fields};
    };
}

// Not before, and only as much later as a mark takes.
void expect_after(duration actual, duration floor)
{
    EXPECT_GE(actual, floor);
    EXPECT_LT(actual, floor + 50ms);
}

TEST(EngineGate, NothingIsSentWithin5sOfTheLast429AndOneCanaryGoesFirst)
{
    fake_world world;
    world.api = throttles({100, 101, 102});
    world.start();
    world.add(300);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 300U);
    ASSERT_EQ(world.throttled_at.size(), 3U);
    const mono_time last = world.throttled_at.back();
    std::vector<mono_time> after;
    for (const sent_request& each : world.sent)
        if (each.at > last)
            after.push_back(each.at);
    ASSERT_GE(after.size(), 2U);
    EXPECT_EQ(after[0] - last, 5s);
    EXPECT_GE(after[1] - after[0], 40ms) << "the canary's answer is awaited";
    EXPECT_EQ(world.job().summary->throttled, 3U);
    for (const auto& [n, record] : world.records())
        EXPECT_EQ(record.attempts, 1U) << "429 counts as not sent";
}

TEST(EngineGate, ALaterStragglers429RestartsTheSilence)
{
    fake_world world;
    // The second refusal comes 3 s after the first, in answer to what was in flight then.
    world.api = [](const api_request& asked) {
        api_reply reply = asked.number == 100 || asked.number == 101 ? says(429) : honest(asked);
        if (asked.number == 101)
            reply.delay = 3s;
        return reply;
    };
    world.start();
    world.add(200);
    ASSERT_TRUE(world.run_to_end());
    ASSERT_EQ(world.throttled_at.size(), 2U);
    EXPECT_GE(world.throttled_at[1] - world.throttled_at[0], 2900ms);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 200U);
}

TEST(EngineGate, ALongerRetryAfterCounts)
{
    fake_world world;
    world.api = throttles({50}, "Retry-After: 90\r\n");
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
    for (const sent_request& each : world.sent)
        EXPECT_TRUE(each.at <= world.throttled_at[0] || each.at >= world.throttled_at[0] + 90s);
}

TEST(EngineGate, AShorterRetryAfterIsStill5s)
{
    fake_world world;
    world.api = throttles({50}, "Retry-After: 1\r\n");
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineGate, ARefusedCanaryBeginsAnotherSilence)
{
    fake_world world;
    world.api = [&world](const api_request& asked) {
        return asked.number >= 50 && world.throttled_at.size() < 4 ? says(429) : honest(asked);
    };
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_GE(world.throttled_at.size(), 4U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
}

TEST(EngineGate, ACanaryLostOrAnswered5xxIsFollowedByAnother)
{
    for (const api_reply& fate : {cut(), says(500), says(503), stall()}) {
        fake_world world;
        std::uint64_t canary = 0;
        world.api = [&](const api_request& asked) {
            if (asked.number == 50)
                return says(429);
            if (!world.throttled_at.empty() && canary == 0)
                canary = asked.number;
            return canary == asked.number ? fate : honest(asked);
        };
        world.start();
        world.add(100);
        ASSERT_TRUE(world.run_to_end());
        EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
    }
}

TEST(EngineGate, AnyOtherAnswerToTheCanaryReopens)
{
    for (const int status : {404, 400, 403, 401, 301}) {
        fake_world world;
        std::uint64_t canary = 0;
        world.api = [&](const api_request& asked) {
            if (asked.number == 50)
                return says(429);
            if (!world.throttled_at.empty() && canary == 0)
                canary = asked.number;
            return canary == asked.number ? says(status) : honest(asked);
        };
        world.start();
        world.add(100);
        ASSERT_TRUE(world.run_until([&] { return canary != 0 && world.in_flight() == 0; }));
        EXPECT_TRUE(world.daemon().limit_views(world.now())[0].gate_open) << status;
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineGate, TheThrottledTokenGoesFirstAfterTheSilence)
{
    fake_world world;
    world.api = throttles({1});
    world.start();
    world.add(5);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent[0].n, 1U);
    EXPECT_EQ(world.sent[1].n, 1U);
}

// Lets `time` pass while no daemon runs.
void sleep(fake_world& world, duration time)
{
    world.start();
    world.run_for(time);
    world.crash();
}

TEST(EngineGate, AfterACrashALimitInUseStaysShutForItsFirst5s)
{
    // With a 429 just before the crash, and without one.
    for (const bool throttled : {true, false}) {
        fake_world world;
        world.api = throttles(throttled ? std::set<std::uint64_t>{20} : std::set<std::uint64_t>{});
        world.start();
        world.add(100);
        ASSERT_TRUE(world.run_until([&] {
            return throttled ? !world.throttled_at.empty() : world.sent.size() == 20;
        }));
        world.crash();
        const std::size_t before = world.sent.size();
        world.start();
        const mono_time started = world.now().mono;
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
        expect_after(world.now().mono - started, 5s);
        ASSERT_TRUE(world.run_to_end());
    }
}

TEST(EngineGate, AnUnusedLimitIsOpenAtTheFirstStart)
{
    fake_world world;
    world.start();
    world.add(1);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 1; }, 1s));
}

TEST(EngineGate, ACleanStopLeavesTheGateAsItWas)
{
    fake_world world;
    world.api = throttles({20});
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 10; }));
    ASSERT_TRUE(world.stop());
    // Open: nothing to wait for.
    world.start();
    mono_time started = world.now().mono;
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 11; }));
    EXPECT_LT(world.now().mono - started, 1s);
    // Shut: what is left of the silence is kept, and a canary goes first.
    ASSERT_TRUE(world.run_until([&] { return !world.throttled_at.empty(); }));
    world.run_for(2s);
    ASSERT_TRUE(world.stop());
    const std::size_t before = world.sent.size();
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    expect_after(world.now().mono - world.throttled_at[0], 5s);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineGate, ACleanStopOfAnotherBootCountsAsNone)
{
    fake_world world;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 10; }));
    ASSERT_TRUE(world.stop());
    world.boot_id = "boot-2";
    const std::size_t before = world.sent.size();
    world.start();
    const mono_time started = world.now().mono;
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    expect_after(world.now().mono - started, 5s);
}

TEST(EngineGate, ALongRetryAfterIsKnownAfterACrash)
{
    fake_world world;
    world.api = throttles({20}, "Retry-After: 600\r\n");
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_until([&] { return !world.throttled_at.empty(); }));
    world.run_for(10s);
    world.crash();
    sleep(world, 10s);
    const std::size_t before = world.sent.size();
    world.start();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    expect_after(world.now().mono - world.throttled_at[0], 600s);
}

TEST(EngineGate, AReloadKeepsTheSilence)
{
    fake_world world;
    world.api = throttles({20});
    world.start();
    world.add(50);
    ASSERT_TRUE(world.run_until([&] { return !world.throttled_at.empty(); }));
    world.reload();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 50U);
}

TEST(EngineGate, ALimitThatIsNamedAnewKeepsTheSilence)
{
    fake_world world;
    world.api = throttles({20});
    world.start();
    world.add(50);
    ASSERT_TRUE(world.run_until([&] { return !world.throttled_at.empty(); }));
    world.run_for(1s);
    world.setup().limit = "shared-new";
    world.reload();
    const std::size_t before = world.sent.size();
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() > before; }));
    EXPECT_GE(world.now().mono - world.throttled_at[0], 5s);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineGate, AnotherJobAndAnotherAccountOfTheLimitKeepTheSilence)
{
    fake_world world;
    world.api = throttles({20, 60, 61, 120});
    world.setup().limit = "shared-both";
    world.add_account("second", "shared-both");
    world.start();
    world.add(60, "a", 1);
    world.add(60, "b", 1000);
    world.add({.id = "c", .tokens = some_tokens(60, 2000), .account = "second"});
    ASSERT_TRUE(world.run_to_end());
    for (const char* id : {"a", "b", "c"})
        EXPECT_EQ(world.outcomes(id)[outcome::deleted], 60U);
}

TEST(EngineGate, AnotherLimitIsNotShut)
{
    fake_world world;
    world.api = [](const api_request& asked) {
        return asked.account == "prod" && asked.times == 1 ? says(429) : honest(asked);
    };
    world.add_account("second", "key-second");
    world.start();
    world.add(1, "a", 1);
    world.add({.id = "b", .tokens = some_tokens(20, 1000), .account = "second"});
    ASSERT_TRUE(world.run_until([&] { return world.is_done("b"); }));
    EXPECT_LT(world.since_start(), 5s);
    ASSERT_TRUE(world.run_to_end());
}

TEST(EngineGate, NothingIsSentIfTheLimitCannotBeNoted)
{
    fake_world world;
    world.start();
    world.add(10);
    // Every store of the limit fails for a while, nothing else is asked before it.
    world.fail_from = world.fallible_calls + 1;
    world.fail_upto = ~std::uint64_t{0};
    world.run_for(30s);
    EXPECT_TRUE(world.sent.empty());
    EXPECT_LE(world.notices.size(), 80U) << "once a second at most";
    world.fail_upto = 0;
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 10U);
}

}  // namespace
}  // namespace reaper::test
