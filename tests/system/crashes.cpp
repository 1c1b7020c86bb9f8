// kill -9 at any moment, again and again, in many spools side by side: every token has exactly one
// record, none is lost, none is `deleted` that the sandbox did not delete, none is `not_found` that
// the job itself deleted.

#include "rig.hpp"

#include <random>

namespace {

using namespace reaper::test;

#ifdef REAPER_SANITIZED
constexpr int spools = 3;
#else
constexpr int spools = 6;
#endif
constexpr std::uint64_t tokens = 1500;
constexpr int kills_max = 12;

// One spool under torture: started, killed 0 to 2 s after its first request, until its job is done.
struct victim
{
    rig r;
    int kills = 0;
    bool running = false;
    std::chrono::steady_clock::time_point kill_at{};
    std::uintmax_t ledger_before = 0;
    bool armed = false;
};

void drive(victim& v, std::mt19937& random)
{
    const auto now = std::chrono::steady_clock::now();
    if (!v.running) {
        v.r.start_daemon();
        v.running = true;
        v.armed = false;
        v.ledger_before = std::filesystem::file_size(v.r.path("ledger"));
        return;
    }
    if (v.kills >= kills_max)
        return;
    if (!v.armed) {
        if (std::filesystem::file_size(v.r.path("ledger")) > v.ledger_before) {
            v.armed = true;
            std::uniform_int_distribution<int> wait(0, 2000);
            v.kill_at = now + std::chrono::milliseconds(wait(random));
        }
        return;
    }
    if (now >= v.kill_at) {
        v.r.kill_daemon();
        v.running = false;
        ++v.kills;
    }
}

TEST(Crashes, KilledAtAnyMomentEveryTokenStillHasExactlyOneRecord)
{
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<std::unique_ptr<victim>> victims;
    for (int i = 0; i < spools; ++i) {
        auto v = std::make_unique<victim>();
        v->r.start_sandbox(
            {"--fault",
             "reset:0.002",
             "--fault",
             "truncate:0.002",
             "--fault",
             "500:0.01",
             "--max-requests-per-connection",
             "100",
             "--latency",
             "2ms",
             "--seed",
             std::to_string(seed + static_cast<unsigned>(i))}
        );
        v->r.configure("    pace: 150/s\n", "retry: {base: 50ms, cap: 500ms}\n");
        std::filesystem::create_directories(v->r.spool() + "/incoming");
        v->r.drop("tortured.txt", token_lines(tokens, static_cast<std::uint64_t>(i)));
        victims.push_back(std::move(v));
    }
    const auto all_done = [&] {
        bool done = true;
        for (auto& v : victims) {
            if (!v->r.jobs("done").empty())
                continue;
            drive(*v, random);
            done = false;
        }
        return done;
    };
    EXPECT_TRUE(wait_until(all_done, std::chrono::seconds(110)));
    int kills = 0;
    for (auto& v : victims) {
        kills += v->kills;
        const std::string job = v->r.wait_done("tortured");
        if (v->running) {
            EXPECT_EQ(v->r.stop_daemon(), 0) << v->r.log();
        }
        v->r.stop_sandbox();
        v->r.expect_audit_ok({"--crashed"});
        EXPECT_EQ(rig::outcome_of(job, "not_found"), 0U);
    }
    EXPECT_GE(kills, spools);
    RecordProperty("kills", kills);
}

}  // namespace
