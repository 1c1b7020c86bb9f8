// Everything at once, from one seed: an API that answers anything, a disk that fails, crashes,
// clean stops, reloads, people. The fake world checks every send and audits every job; here is only
// that all of it comes to an end once the world is well again.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace reaper::test {
namespace {

class random_world : public fake_world
{
public:
    explicit random_world(std::uint64_t seed) : random_(seed)
    {
        api = [this](const api_request& asked) { return answer(asked); };
        connect = [this](const std::string&) { return is_wild_ && one_in(4) ? "no route" : ""; };
        piece_bytes = one_in(3) ? 1 + below(60) : 0;
        disk_delay = std::chrono::milliseconds(below(30));
        config.results.reserve = 1024 << below(6);
        for (const char* name : {"prod", "second"}) {
            account_setup& made = std::string(name) == "prod"
                                      ? setup()
                                      : add_account(name, one_in(2) ? "key-prod" : "b");
            made.route_proven = one_in(2);
            made.settings.connections = 1 + static_cast<unsigned>(below(3));
            made.settings.max_window = 1 + static_cast<unsigned>(below(20));
            made.settings.timeout = 5s;
            made.settings.retry.base = 100ms;
            made.settings.retry.cap = 3s;
            made.settings.guards.breaker.window = 10 + below(100);
            if (one_in(4))
                made.settings.pace_per_s = 1.0 + static_cast<double>(below(100));
        }
        start();
    }

    // A while of everything.
    void go_wild()
    {
        is_wild_ = true;
        for (int step = 0; step < 12; ++step) {
            if (disk.jobs.size() < 4 && one_in(2))
                add_some_job();
            if (one_in(3)) {
                fail_from = fallible_calls + below(40);
                fail_upto = fail_from + below(one_in(3) ? 400 : 3);
            }
            if (one_in(3))
                crash_at_call = calls + 1 + below(200);
            live(std::chrono::milliseconds(below(one_in(4) ? 60'000 : 3'000)));
            if (one_in(2))
                somebody_does_something();
        }
        is_wild_ = false;
        fail_upto = 0;
        crash_at_call = 0;
    }

    // All holds are released, again and again, until every job is done.
    [[nodiscard]] bool comes_to_an_end()
    {
        for (int round = 0; round < 200; ++round) {
            for (const job_view& each : daemon().job_views(now())) {
                std::vector<std::uint64_t> ids;
                for (const hold& one : each.holds)
                    ids.push_back(one.id);
                if (!ids.empty())
                    static_cast<void>(daemon().release(each.id, ids, now()));
            }
            give_back_limits();
            if (run_to_end(10min))
                return true;
        }
        for (const job_view& each : daemon().job_views(now()))
            ADD_FAILURE() << each.id << ' ' << each.state << ' ' << each.outcomes.total() << '/'
                          << each.total << ' ' << each.why;
        return false;
    }

private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    bool one_in(std::uint64_t count) { return below(count) == 0; }

    api_reply answer(const api_request& asked)
    {
        api_reply reply = honest(asked);
        if (is_wild_ && one_in(6)) {
            static constexpr int statuses[] = {
                200, 400, 401, 403, 404, 408, 429, 429, 500, 503, 301};
            const std::uint64_t kind = below(15);
            if (kind < std::size(statuses))
                reply = says(statuses[kind]);
            else if (kind == 11)
                reply = cut();
            else if (kind == 12)
                reply = stall();
            else if (kind == 13)
                reply = {.status = 0, .raw = "HTTP/1.1 2x0 garbage\r\n\r\n"};
            else
                reply.then = api_reply::end::close;
            const int status = reply.status;
            const bool unclear = status == 0 || status == 301 || status == 408 || status == 500;
            reply.removes = unclear && one_in(2);
        }
        reply.delay = std::chrono::milliseconds(1 + below(one_in(50) ? 4'000 : 80));
        return reply;
    }

    void add_some_job()
    {
        job_spec spec;
        spec.id = "job" + std::to_string(disk.jobs.size());
        spec.tokens = some_tokens(1 + below(150), 1'000'000 * (disk.jobs.size() + 1));
        spec.account = one_in(2) ? "prod" : "second";
        if (one_in(4))
            spec.options.hold_after = below(20);
        if (one_in(5))
            spec.options.deadline = now().wall + std::chrono::milliseconds(1 + below(60'000));
        if (one_in(6))
            spec.options.prio = priority::urgent;
        if (one_in(8))
            spec.tokens.insert(spec.tokens.begin() + 1, {"", spec.tokens[0]});
        add(spec);
        for (std::size_t i = 0; i < spec.tokens.size(); i += 1 + below(20))
            campaigns.erase(spec.tokens[i]);
    }

    void live(duration time)
    {
        try {
            run_for(time);
        } catch (const crashed&) {
            come_back(static_cast<crash_tail>(below(4)));
        }
    }

    void give_back_limits()
    {
        for (const std::string& limit : std::exchange(yielded_limits, {}))
            give_back(limit);
    }

    void come_back(crash_tail tail)
    {
        crash(tail);
        yielded_limits.clear();
        start();
    }

    void somebody_does_something()
    {
        const auto views = daemon().job_views(now());
        crash_at_call = 0;
        switch (below(7)) {
            case 0:
                come_back(crash_tail::kept);
                break;
            case 1:
                static_cast<void>(stop(std::chrono::seconds(below(8))));
                yielded_limits.clear();
                start();
                break;
            case 2:
                setup().credentials += "'";
                reload();
                break;
            case 3:
                daemon().limit_wanted("key-prod", now());
                at(2s, [this] { give_back_limits(); });
                break;
            case 4:
                if (!views.empty())
                    static_cast<void>(daemon().hold(views[0].id, "somebody", now()));
                break;
            case 5:
                if (!views.empty() && one_in(3))
                    static_cast<void>(daemon().cancel(views[0].id, now()));
                break;
            default:
                run_for(1h);
        }
    }

    std::mt19937_64 random_;
    bool is_wild_ = false;
};

TEST(EngineRandom, WhateverHappensEveryTokenGetsItsOneRecord)
{
    // More of them, or one that failed: REAPER_SEEDS=<first>-<last>.
    std::uint64_t first = 1;
    std::uint64_t last = 40;
    if (const char* wanted = std::getenv("REAPER_SEEDS")) {
        ASSERT_EQ(std::sscanf(wanted, "%" SCNu64 "-%" SCNu64, &first, &last), 2);
    }
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        random_world world(seed);
        world.go_wild();
        EXPECT_TRUE(world.comes_to_an_end());
        // A fresh job passes afterwards.
        world.add(20, "fresh", 900'000'000);
        EXPECT_TRUE(world.comes_to_an_end());
        if (HasFailure()) {
            FAIL() << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace reaper::test
