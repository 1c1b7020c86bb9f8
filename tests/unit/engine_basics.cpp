// Jobs from their first token to their end: order, times, dry runs, what they say of themselves.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace reaper::test {
namespace {

TEST(Engine, DeletesEveryTokenOfAJob)
{
    fake_world world;
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes()[outcome::deleted], 100U);
    EXPECT_TRUE(world.campaigns.empty());
    EXPECT_EQ(world.sent.size(), 100U);
}

TEST(Engine, InvalidAndDuplicateLinesAreNeverSent)
{
    fake_world world;
    world.start();
    world.add({.tokens = {hex_token(1), "", hex_token(2), hex_token(1), ""}});
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.sent.size(), 2U);
    EXPECT_EQ(world.outcomes()[outcome::deleted], 2U);
    EXPECT_EQ(world.outcomes()[outcome::invalid], 2U);
    EXPECT_EQ(world.outcomes()[outcome::duplicate], 1U);
}

TEST(Engine, AJobWithNothingToSendEnds)
{
    fake_world world;
    world.start();
    world.add({.tokens = {"", ""}});
    ASSERT_TRUE(world.run_to_end(1min));
    EXPECT_EQ(world.outcomes()[outcome::invalid], 2U);
}

TEST(Engine, JobsAreIndependent)
{
    fake_world world;
    world.start();
    world.add(10, "first");
    ASSERT_TRUE(world.run_to_end());
    world.add(10, "second");
    world.campaigns.clear();
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.outcomes("second")[outcome::not_found], 10U);
}

TEST(Engine, ASmallJobDoesNotWaitBehindABigOne)
{
    fake_world world;
    world.setup().settings.pace_per_s = 20;
    world.start();
    world.add(10'000, "big");
    world.run_for(10s);
    world.add(100, "small", 100'000);
    ASSERT_TRUE(world.run_until([&] { return world.is_done("small"); }, 12s));
    EXPECT_FALSE(world.is_done("big"));
}

TEST(Engine, PriorityGoesBeforeTurns)
{
    fake_world world;
    world.setup().settings.pace_per_s = 20;
    for (const auto& [id, prio, first] :
         {std::tuple{"bulk", priority::bulk, 1U},
          std::tuple{"normal", priority::normal, 1000U},
          std::tuple{"urgent", priority::urgent, 2000U}}) {
        job_spec spec{.id = id, .tokens = some_tokens(50, first)};
        spec.options.prio = prio;
        world.add(spec);
    }
    world.start();
    ASSERT_TRUE(world.run_to_end());
    // A job has its turns while the one before awaits its mark; that is all.
    std::map<std::string, mono_time> first;
    std::map<std::string, mono_time> last;
    for (const sent_request& each : world.sent) {
        first.try_emplace(each.job, each.at);
        last[each.job] = each.at;
    }
    EXPECT_GT(first["normal"], last["urgent"]);
    EXPECT_GT(first["bulk"], last["normal"]);
}

TEST(Engine, NotBeforeIsAwaitedAlsoIfTheWallClockIsSet)
{
    for (const bool is_set : {false, true}) {
        fake_world world;
        world.start();
        job_spec spec{.tokens = some_tokens(10)};
        spec.options.not_before = world.now().wall + 2h;
        world.add(spec);
        world.run_for(119min);
        EXPECT_TRUE(world.sent.empty());
        EXPECT_NE(world.view().why.find("not before 2026-11-22T22:30:15"), std::string::npos);
        EXPECT_TRUE(world.daemon().is_stuck(world.now()));
        if (is_set)
            world.wall_shift = 1h;
        ASSERT_TRUE(world.run_to_end(is_set ? 5s : 65s));
    }
}

// --- deadlines -----------------------------------------------------------------------------------

job_spec with_deadline(const fake_world& world, duration in, std::size_t tokens = 100)
{
    job_spec spec{.tokens = some_tokens(tokens)};
    spec.options.deadline = world.now().wall + std::chrono::floor<std::chrono::milliseconds>(in);
    return spec;
}

TEST(Engine, ADeadlineEndsAJobAndAwaitsWhatIsInFlight)
{
    fake_world world;
    world.setup().settings.pace_per_s = 10;
    world.api = [](const api_request& asked) {
        api_reply reply = honest(asked);
        reply.delay = 3s;
        return reply;
    };
    world.start();
    world.add(with_deadline(world, 8s));
    ASSERT_TRUE(world.run_to_end());
    EXPECT_GE(world.since_start(), 10s);
    const outcome_counts counts = world.outcomes();
    EXPECT_EQ(counts[outcome::deleted], world.sent.size());
    EXPECT_EQ(counts[outcome::deleted] + counts[outcome::expired], 100U);
    EXPECT_EQ(world.job().summary->reason, "the deadline passed");
}

TEST(Engine, ADeadlineEndsAHeldOneABlockedOneAndOneOfALostNetwork)
{
    for (const int how : {0, 1, 2, 3}) {
        fake_world world;
        if (how == 1)
            world.api = [](const api_request&) { return says(401); };
        if (how == 2)
            world.connect = [](const std::string&) { return "no route"; };
        world.start();
        job_spec spec = with_deadline(world, 1h);
        if (how == 0)
            spec.holds.push_back(
                {.id = 1, .cause = hold_cause::option, .reason = "look", .since = {}}
            );
        if (how == 3)
            spec.dry_run = true;
        if (how == 3)
            spec.options.not_before = world.now().wall + 2h;
        world.add(spec);
        ASSERT_TRUE(world.run_to_end(1h + 10s)) << how;
        EXPECT_EQ(world.outcomes()[outcome::expired], 100U) << how;
    }
}

TEST(Engine, ADeadlineInTheFarFutureIsNoLoop)
{
    fake_world world;
    world.start();
    job_spec spec{.tokens = some_tokens(5)};
    spec.options.deadline = parse_rfc3339("9999-12-31T23:59:59Z");
    world.add(spec);
    ASSERT_TRUE(world.run_to_end(1min));
}

TEST(Engine, ADeadlineThatPassedWhileTheDaemonWasDownEndsTheJobUnsent)
{
    fake_world world;
    world.start();
    world.add(with_deadline(world, 1min));
    world.crash();
    world.wall_shift = 1h;
    world.start();
    ASSERT_TRUE(world.run_to_end(1min));
    EXPECT_TRUE(world.sent.empty());
    EXPECT_EQ(world.outcomes()[outcome::expired], 100U);
}

// --- dry runs ------------------------------------------------------------------------------------

TEST(Engine, ADryRunSendsNothingAndSaysWhatWouldHappen)
{
    fake_world world;
    world.setup().lists.deny = *token_list::parse(hex_token(7) + "\n");
    world.start();
    world.add({.tokens = some_tokens(10'000), .dry_run = true});
    ASSERT_TRUE(world.run_to_end(1min));
    EXPECT_TRUE(world.sent.empty());
    EXPECT_TRUE(world.connects.empty());
    EXPECT_EQ(world.outcomes()[outcome::would_delete], 9'999U);
    EXPECT_EQ(world.outcomes()[outcome::refused], 1U);
    EXPECT_NE(
        world.job().summary->reason.find("9999 campaigns would be deleted"), std::string::npos
    );
    EXPECT_FALSE(world.job().sent_noted);
}

TEST(Engine, TheConfigurationCanTurnDryRunOnButNeverOff)
{
    for (const bool crash_between : {false, true}) {
        fake_world world;
        world.setup().settings.pace_per_s = 10;
        world.start();
        world.add(100);
        ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 20; }));
        ASSERT_TRUE(world.daemon().hold("job", "alice", world.now()));
        world.run_for(10s);
        world.setup().settings.guards.dry_run = true;
        world.reload();
        world.run_for(10s);
        if (crash_between) {
            world.crash();
            world.setup().settings.guards.dry_run = false;
            world.start();
        } else {
            world.setup().settings.guards.dry_run = false;
            world.reload();
        }
        ASSERT_TRUE(world.daemon().release("job", {1}, world.now()));
        ASSERT_TRUE(world.run_to_end());
        EXPECT_EQ(world.sent.size(), 20U);
        // After a crash some count as maybe sent.
        const outcome_counts counts = world.outcomes();
        EXPECT_EQ(counts[outcome::would_delete] + counts[outcome::unknown], 80U);
        EXPECT_GE(counts[outcome::would_delete], crash_between ? 60U : 80U);
    }
}

// --- what it says --------------------------------------------------------------------------------

TEST(Engine, TheSummarySaysWhereTheTimeWent)
{
    fake_world world;
    world.api = [&](const api_request& asked) {
        return asked.number == 50 ? says(429) : honest(asked);
    };
    world.start();
    world.add(100);
    ASSERT_TRUE(world.run_to_end());
    const job_summary& summary = *world.job().summary;
    EXPECT_EQ(summary.requests, 101U);
    EXPECT_EQ(summary.throttled, 1U);
    EXPECT_GE(summary.paused_s.at("throttled"), 4.0);
    EXPECT_LE(summary.paused_s.at("throttled"), 6.0);
    EXPECT_GT(summary.pace_mean, 0.4);
    EXPECT_GE(summary.pace_best, summary.pace_mean);
    EXPECT_NEAR(summary.latency_p50_ms, 40, 5);
    ASSERT_TRUE(summary.started_at);
    EXPECT_LT(*summary.started_at, summary.finished_at);
}

TEST(Engine, OnlyDurableRecordsAreShown)
{
    fake_world world;
    world.disk_delay = 300ms;
    world.start();
    world.add(200);
    world.run_until([&] {
        EXPECT_EQ(world.view().outcomes.total(), world.job().recorded.size());
        EXPECT_EQ(world.view().durable_bytes, world.job().durable);
        return world.sent.size() == 200;
    });
}

TEST(Engine, ASyncStartsAtMost50msAfterTheAnswer)
{
    fake_world world;
    world.setup().settings.pace_per_s = 1;
    world.start();
    world.add(3);
    ASSERT_TRUE(world.run_until([&] { return world.sent.size() == 1; }));
    const mono_time sent = world.now().mono;
    ASSERT_TRUE(world.run_until([&] { return world.view().outcomes.total() == 1; }));
    EXPECT_LE(world.now().mono - sent, 40ms + 50ms + 3ms);
    ASSERT_TRUE(world.run_to_end());
}

TEST(Engine, AnInputThatLostLinesHoldsTheJobAsDamaged)
{
    fake_world world;
    world.start();
    job_files& files = world.add(5);
    files.input.resize(files.input.size() - 33);
    world.run_for(1min);
    EXPECT_FALSE(world.is_done());
    EXPECT_EQ(world.view().state, "held");
    EXPECT_NE(world.view().why.find("damaged"), std::string::npos);
    EXPECT_EQ(world.records().size(), 4U) << "what was answered is recorded";
    EXPECT_FALSE(world.daemon().cancel("job", world.now()));
    EXPECT_FALSE(world.daemon().release("job", {1}, world.now()));
    EXPECT_FALSE(world.daemon().hold("job", "alice", world.now()));
}

TEST(Engine, ALineThatTheInputHasGainedIsNotSent)
{
    fake_world world;
    world.start();
    world.add(5).input += hex_token(99) + "\n";
    world.run_for(1min);
    EXPECT_EQ(world.sent.size(), 5U);
    EXPECT_EQ(world.records().size(), 5U);
    // If it was read before the last of the others was answered, a person has to look at it.
    if (!world.is_done()) {
        EXPECT_EQ(world.view().state, "held");
        EXPECT_NE(world.view().why.find("more than job.json counts"), std::string::npos);
    }
}

TEST(Engine, AJobThatIsHeldOpensNoConnection)
{
    fake_world world;
    world.start();
    job_spec spec = with_deadline(world, 2h);
    spec.holds.push_back({.id = 1, .cause = hold_cause::option, .reason = "look", .since = {}});
    world.add(spec);
    world.run_for(1h);
    EXPECT_TRUE(world.connects.empty());
}

}  // namespace
}  // namespace reaper::test
