// The modelled API does what the documentation says, goes wrong only as the shape has it, and knows
// what really happened.

#include "api_model.hpp"
#include "reaper/core/reply_parser.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace reaper::test {
namespace {

class api_rules : public testing::Test
{
protected:
    // A world of this shape, with one app and a few campaigns "c0" to "c99".
    void make(const world_shape& shape, std::uint64_t seed = 1)
    {
        api_ = std::make_unique<api_model>(clock_, shape, random_source(seed), "api.example");
        api_->add_app("KEY", "rest");
        for (int i = 0; i < 100; ++i)
            api_->add_campaign(0, "c" + std::to_string(i));
    }

    std::size_t write(
        const std::string& token, const std::string& key = "KEY", const std::string& rest = "rest"
    )
    {
        const deletion asked{.api_key = key, .rest_key = rest, .token = token};
        return api_->note_written(1, ++written_, asked);
    }

    // A request that is written, judged and read in one instant.
    const request_truth& ask(
        const std::string& token, const std::string& key = "KEY", const std::string& rest = "rest"
    )
    {
        const std::size_t request = write(token, key, rest);
        last_ = api_->answer(request, false);
        api_->note_read(request);
        return truth().requests[request];
    }

    [[nodiscard]] const api_truth& truth() const { return api_->truth(); }

    void wait(duration time) { clock_.run_until(clock_.mono() + time); }

    static world_shape with(mishap what, double probability = 1.0)
    {
        world_shape shape;
        shape.calm_after = 1h;
        shape.mishaps[what] = probability;
        return shape;
    }

    static world_shape one_per_second()
    {
        world_shape shape;
        shape.limit = {.kind = limiter_shape::fixed_window, .rate_per_s = 1};
        return shape;
    }

    event_queue clock_;
    std::unique_ptr<api_model> api_;
    api_answer last_;
    std::uint64_t written_ = 0;
};

TEST_F(api_rules, CampaignIsDeletedOnceAndThenNotFound)
{
    make({});
    const request_truth first = ask("c1");
    EXPECT_EQ(first.status / 100, 2);
    EXPECT_TRUE(first.removed);
    EXPECT_FALSE(api_->exists(0, "c1"));
    const request_truth second = ask("c1");
    EXPECT_EQ(second.status, 404);
    EXPECT_FALSE(second.removed);
    EXPECT_EQ(ask("never-there").status, 404);
    EXPECT_TRUE(truth().violations.empty());
}

TEST_F(api_rules, OldKeysAreRefusedOnceThereAreNewOnes)
{
    make({});
    api_->change_keys(0, "KEY", "rest2");
    EXPECT_EQ(ask("c1").status, 401);
    EXPECT_EQ(ask("c1", "KEY", "rest2").status / 100, 2);
    api_->change_keys(0, "KEY3", "rest3");
    EXPECT_EQ(ask("c2", "KEY", "rest2").status, 401);
    EXPECT_EQ(ask("c2", "KEY3", "rest3").status / 100, 2);
    EXPECT_TRUE(truth().violations.empty());
}

TEST_F(api_rules, KeysThatNoAppEverHadAreAViolation)
{
    make({});
    EXPECT_EQ(ask("c1", "KEY", "nonsense").status, 401);
    EXPECT_EQ(truth().violations.size(), 1u);
    EXPECT_TRUE(api_->exists(0, "c1"));
}

TEST_F(api_rules, SendingWithinFiveSecondsOfAnAnswer429IsAViolation)
{
    make(one_per_second());
    ask("c1");
    EXPECT_EQ(ask("c2").status, 429);
    EXPECT_TRUE(api_->exists(0, "c2"));
    wait(5s - 1ns);
    write("c2");
    EXPECT_EQ(truth().violations.size(), 1u);
    wait(1ns);
    EXPECT_EQ(ask("c2").status / 100, 2);
    EXPECT_EQ(truth().violations.size(), 1u);
}

TEST_F(api_rules, SilenceCountsFromTheReadingAndSurvivesTheProcess)
{
    make(one_per_second());
    ask("c1");
    const std::size_t refused = write("c2");
    EXPECT_EQ(api_->answer(refused, false).status, 429);
    wait(1s);
    write("c3");  // the 429 has not been read yet
    EXPECT_TRUE(truth().violations.empty());
    api_->note_read(refused);
    api_->process_died();
    wait(4'900ms);
    write("c4");
    EXPECT_EQ(truth().violations.size(), 1u);
}

TEST_F(api_rules, RetryAfterIsOwedUntilTheProcessDies)
{
    world_shape shape = one_per_second();
    shape.limit.says_retry_after = 1;
    shape.limit.retry_after_max = 60;
    make(shape);
    unsigned asked_for = 0;
    while (asked_for <= 5)
        asked_for = ask("c1").retry_after;
    const std::size_t before = truth().violations.size();
    wait(std::chrono::seconds(asked_for) - 1ms);
    write("c2");
    EXPECT_EQ(truth().violations.size(), before + 1);
    api_->process_died();
    write("c2");
    EXPECT_EQ(truth().violations.size(), before + 1);
}

TEST_F(api_rules, EachKeyHasALimitAndAppsMayShareOne)
{
    make(one_per_second());
    const std::size_t other = api_->add_app("KEY2", "rest2");
    api_->add_app("KEY3", "rest3", "both");
    api_->add_app("KEY4", "rest4", "both");
    EXPECT_EQ(other, 1u);
    EXPECT_NE(ask("x").status, 429);
    EXPECT_EQ(ask("x").status, 429);
    EXPECT_NE(ask("x", "KEY2", "rest2").status, 429);
    EXPECT_NE(ask("x", "KEY3", "rest3").status, 429);
    EXPECT_EQ(ask("x", "KEY4", "rest4").status, 429);
    EXPECT_TRUE(truth().violations.empty());
    write("x", "KEY3", "rest3");
    EXPECT_EQ(truth().violations.size(), 1u);
}

TEST_F(api_rules, UnclearAnswersMayHaveDoneItAndClearRefusalsHaveNot)
{
    for (const mishap unclear :
         {mishap::server_error,
          mishap::timed_out,
          mishap::stalled,
          mishap::reset_before,
          mishap::redirected,
          mishap::garbage}) {
        make(with(unclear));
        int removed = 0;
        for (int i = 0; i < 100; ++i)
            removed += ask("c" + std::to_string(i)).removed ? 1 : 0;
        EXPECT_GT(removed, 20) << static_cast<int>(unclear);
        EXPECT_LT(removed, 80) << static_cast<int>(unclear);
    }
    for (const mishap clear :
         {mishap::maintenance,
          mishap::misuse,
          mishap::malformed,
          mishap::unauthorised,
          mishap::throttled}) {
        make(with(clear));
        for (int i = 0; i < 100; ++i) {
            const request_truth asked = ask("c" + std::to_string(i));
            EXPECT_FALSE(asked.removed);
            EXPECT_GE(asked.status, 400);
        }
    }
}

TEST_F(api_rules, SpellsHoldForTheirTimeAndMishapsUntilItIsCalm)
{
    world_shape shape;
    shape.calm_after = 1h;
    shape.spells = {
        {outage::maintenance, 10s, 20s},
        {outage::wrong_route, 30s, 40s},
        {outage::locked_out, 50s, 1min}};
    make(shape);
    const auto status_at = [&](duration at) {
        clock_.run_until(api_->start() + at);
        return ask("c" + std::to_string(at / 1s)).status;
    };
    EXPECT_EQ(status_at(9s) / 100, 2);
    EXPECT_EQ(status_at(10s), 503);
    EXPECT_EQ(status_at(20s) / 100, 2);
    EXPECT_EQ(status_at(30s), 404);
    EXPECT_TRUE(api_->exists(0, "c30"));
    EXPECT_EQ(status_at(50s), 401);
    EXPECT_EQ(status_at(1min) / 100, 2);

    make(with(mishap::misuse));
    EXPECT_EQ(ask("c1").status, 403);
    wait(1h);
    EXPECT_EQ(ask("c1").status / 100, 2);
}

TEST_F(api_rules, RivalUsesUpTheLimitAndDeletesCampaignsUntilItIsCalm)
{
    world_shape shape;
    shape.limit = {.kind = limiter_shape::fixed_window, .rate_per_s = 10, .window = 10s};
    shape.rival = {.share = 1.0, .removes = 0.1};
    shape.calm_after = 5min;
    make(shape);
    wait(9'999ms);
    EXPECT_EQ(ask("never-there").status, 429);
    wait(2min);
    static_cast<void>(ask("never-there"));
    ASSERT_GT(truth().removals.size(), 20u);
    for (const removal_by_rival& each : truth().removals)
        EXPECT_FALSE(api_->exists(0, each.token));
    wait(10min);
    EXPECT_EQ(ask("never-there").status, 404);
}

TEST_F(api_rules, RequestsThatAreServedUnheardHaveNoStatus)
{
    make({});
    const std::size_t request = write("c1");
    api_->serve_unheard(request);
    EXPECT_EQ(truth().requests[request].status, 0);
    EXPECT_TRUE(truth().requests[request].removed);
}

// --- the answers, before the daemon's own parser

TEST(ApiAnswer, EveryMannerOfWritingIsStillTheAnswer)
{
    odds<manner> manners;
    manners.of.fill(0.4);
    random_source random(7);
    static constexpr int statuses[] = {200, 201, 204, 302, 400, 404, 408, 429, 500, 503};
    for (int i = 0; i < 5'000; ++i) {
        const int status = statuses[random.below(std::size(statuses))];
        const answer_text text{.status = status, .code = 60, .retry_after = 7, .secrets = "KEY"};
        const api_answer given = write_answer(text, manners, random);
        reply_parser parser;
        parser.feed(given.bytes);
        if (given.needs_end) {
            EXPECT_EQ(parser.next({}), nullptr);
            parser.finish();
        }
        const answer* read = parser.next({});
        ASSERT_NE(read, nullptr) << given.bytes;
        EXPECT_EQ(read->status, status);
        EXPECT_EQ(read->close, given.announces_end) << given.bytes;
        EXPECT_TRUE(parser.idle());
    }
}

TEST(ApiAnswer, GarbageIsPastDoubtAtItsLastByte)
{
    for (std::size_t kind = 0; kind < garbage_kinds(); ++kind) {
        reply_parser parser;
        const std::string bytes = garbage(kind);
        parser.feed(bytes);
        EXPECT_EQ(parser.next({}), nullptr) << garbage(kind);
        EXPECT_TRUE(parser.failure().has_value()) << garbage(kind);
    }
}

TEST_F(api_rules, CutAnswersAreNeverWhole)
{
    for (const mishap what : {mishap::truncated, mishap::reset_inside}) {
        world_shape shape = with(what);
        shape.manners.of.fill(0.3);
        make(shape);
        for (int i = 0; i < 100; ++i) {
            ask("c" + std::to_string(i));
            reply_parser parser;
            parser.feed(last_.bytes);
            EXPECT_FALSE(last_.whole);
            EXPECT_EQ(parser.next({}), nullptr) << last_.bytes;
            if (last_.then == api_answer::ending::close) {
                parser.finish();
                EXPECT_EQ(parser.next({}), nullptr) << last_.bytes;
            }
        }
    }
}

}  // namespace
}  // namespace reaper::test
