// The modelled network keeps the contract of connections, delivers every byte in order or ends, and
// records who read what.

#include "net_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reaper::test {
namespace {

struct small_world
{
    explicit small_world(const world_shape& shape, std::uint64_t seed = 1)
        : random(seed),
          api(clock, shape, random.fork(), "api.example"),
          net(clock, api, random.fork())
    {
        api.add_app("KEY", "rest");
        for (int i = 0; i < 200; ++i)
            api.add_campaign(0, "c" + std::to_string(i));
    }

    void run_for(duration time) { clock.run_until(clock.mono() + time); }

    // One client that is connected.
    std::unique_ptr<net_client> connect()
    {
        auto client = std::make_unique<net_client>(net);
        run_for(1s);
        EXPECT_EQ(client->is, net_client::state::open);
        return client;
    }

    random_source random;
    event_queue clock;
    api_model api;
    net_model net;
};

world_shape restless()
{
    world_shape shape;
    shape.calm_after = 1h;
    return shape;
}

using state = net_client::state;

TEST(NetModel, AnswersComeInTheOrderOfTheRequests)
{
    world_shape shape;
    shape.think = 300ms;
    shape.network.jitter = 100ms;
    shape.network.splits = 0.5;
    small_world world(shape);
    const auto client = world.connect();
    client->write(deletion_text("c0"));
    world.run_for(2s);
    client->write(deletion_text("c1") + deletion_text("no") + deletion_text("c2"));
    world.run_for(5s);
    EXPECT_FALSE(client->writing);
    EXPECT_GT(client->pieces, 2u);
    const auto& asked = world.api.truth().requests;
    ASSERT_EQ(asked.size(), 4u);
    for (const request_truth& each : asked)
        EXPECT_EQ(each.status / 100, each.token == "no" ? 4 : 2);
    EXPECT_LE(asked[1].read_at, asked[2].read_at);
    EXPECT_LE(asked[2].read_at, asked[3].read_at);
    EXPECT_NE(asked[3].read_at, mono_never);
    EXPECT_EQ(asked[3].ordinal, 4u);
    EXPECT_TRUE(world.api.truth().violations.empty());
}

TEST(NetModel, ConnectThatHangsFailsAtItsTimeOut)
{
    world_shape shape = restless();
    shape.network.connect_hangs = 1;
    small_world world(shape);
    net_client client(world.net, {.connect_timeout = 7s});
    world.run_for(6'999ms);
    EXPECT_EQ(client.is, state::dialling);
    world.run_for(1ms);
    EXPECT_EQ(client.is, state::failed);
    EXPECT_FALSE(client.sentence.empty());
}

TEST(NetModel, ConnectThatIsRefusedFailsSoon)
{
    world_shape shape = restless();
    shape.spells = {{outage::refusing, 0s, 1min}};
    small_world world(shape);
    net_client refused(world.net);
    world.run_for(1s);
    EXPECT_EQ(refused.is, state::failed);
    world.run_for(1min);
    world.connect();
}

TEST(NetModel, SlowNetworkCannotConnectWithinItsTimeOut)
{
    world_shape shape;
    shape.network.latency = 3s;
    small_world world(shape);
    net_client client(world.net, {.connect_timeout = 10s});
    world.run_for(10s);
    EXPECT_EQ(client.is, state::failed);
}

TEST(NetModel, WhatABlackHoleTakesArrivesAfterwards)
{
    world_shape shape = restless();
    shape.spells = {{outage::black_hole, 10s, 1min}};
    small_world world(shape);
    const auto client = world.connect();
    world.run_for(10s);
    client->write(deletion_text("c0"));
    net_client other(world.net);
    world.run_for(40s);
    EXPECT_TRUE(client->heard.empty());
    EXPECT_FALSE(client->writing) << "the kernel took it";
    EXPECT_EQ(other.is, state::failed);
    world.run_for(20s);
    EXPECT_FALSE(client->heard.empty());
}

TEST(NetModel, ServerClosesAfterItsNumberOfRequests)
{
    for (const bool announces : {true, false}) {
        world_shape shape;
        shape.network.requests_max = 2;
        shape.network.announces_last = announces;
        small_world world(shape);
        const auto client = world.connect();
        client->write(deletion_text("c0"));
        world.run_for(1s);
        client->write(deletion_text("c1") + deletion_text("c2"));
        world.run_for(1s);
        EXPECT_EQ(client->is, state::closed);
        EXPECT_TRUE(client->clean);
        EXPECT_EQ(client->heard.find("lose") != std::string::npos, announces);
        const auto& asked = world.api.truth().requests;
        EXPECT_NE(asked[1].read_at, mono_never);
        EXPECT_EQ(asked[2].status, 0);
        EXPECT_TRUE(world.api.exists(0, "c2"));
    }
}

TEST(NetModel, SendingAfterConnectionCloseIsAViolation)
{
    world_shape shape;
    shape.manners[manner::says_close] = 1;
    small_world world(shape);
    const auto client = world.connect();
    client->write(deletion_text("c0"));
    client->on_event = [&] {
        if (!client->heard.empty() && client->is == state::open && !client->writing)
            client->write(deletion_text("c1"));
    };
    world.run_for(1s);
    EXPECT_GE(world.api.truth().violations.size(), 1u);
    EXPECT_TRUE(world.api.exists(0, "c1"));
}

TEST(NetModel, ServerThatClosesMayStillDoWhatItIsAsked)
{
    world_shape shape;
    shape.network.requests_max = 1;
    shape.network.served_unheard = 1;
    small_world world(shape);
    const auto client = world.connect();
    client->write(deletion_text("c0"));
    world.run_for(15ms);  // it has been answered, and the end is on its way
    client->write(deletion_text("c1"));
    world.run_for(1s);
    EXPECT_EQ(client->is, state::closed);
    EXPECT_TRUE(world.api.truth().requests[1].removed);
    EXPECT_EQ(world.api.truth().requests[1].status, 0);
}

TEST(NetModel, IdleConnectionIsClosedAndABusyOneIsNot)
{
    world_shape shape;
    shape.network.idle_max = 5s;
    small_world world(shape);
    const auto client = world.connect();
    for (int i = 0; i < 10; ++i) {
        client->write(deletion_text("c" + std::to_string(i)));
        world.run_for(4s);
    }
    EXPECT_EQ(client->is, state::open);
    world.run_for(5s);
    EXPECT_EQ(client->is, state::closed);
}

TEST(NetModel, CloseDelimitedAnswerIsReadWithTheCleanEndOnly)
{
    for (const double unclean : {0.0, 1.0}) {
        world_shape shape = restless();
        shape.manners[manner::close_delimited] = 1;
        shape.network.ends_unclean = unclean;
        small_world world(shape);
        const auto client = world.connect();
        client->write(deletion_text("never-there"));
        world.run_for(1s);
        EXPECT_EQ(client->is, state::closed);
        EXPECT_EQ(client->clean, unclean == 0.0);
        EXPECT_EQ(world.api.truth().requests[0].read_at != mono_never, unclean == 0.0);
    }
}

TEST(NetModel, AnswerThatIsCutIsNeverRead)
{
    for (const mishap what :
         {mishap::truncated, mishap::reset_inside, mishap::reset_before, mishap::stalled}) {
        world_shape shape = restless();
        shape.mishaps[what] = 1;
        small_world world(shape);
        const auto client = world.connect();
        client->write(deletion_text("c0"));
        world.run_for(1min);
        EXPECT_EQ(client->is, what == mishap::stalled ? state::open : state::closed);
        EXPECT_EQ(world.api.truth().requests[0].read_at, mono_never);
    }
}

TEST(NetModel, SurplusComesOnlyWhileNothingIsOwed)
{
    bool together = false;
    bool apart = false;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        world_shape shape = restless();
        shape.mishaps[mishap::surplus_bytes] = 1;
        small_world world(shape, seed);
        const auto client = world.connect();
        client->write(deletion_text("c0"));
        std::string before;
        client->on_event = [&] { before = before.empty() ? client->heard : before; };
        world.run_for(1s);
        (client->pieces > 1 ? apart : together) = true;
        EXPECT_TRUE(world.api.truth().violations.empty());
        client->on_event = [] {};
        client->write(deletion_text("c1"));
        EXPECT_EQ(world.api.truth().violations.size(), 1u) << "it has to be closed";
    }
    EXPECT_TRUE(together);
    EXPECT_TRUE(apart);

    // With more under way it never comes.
    world_shape shape = restless();
    small_world world(shape);
    const auto client = world.connect();
    client->write(deletion_text("c0"));
    world.run_for(1s);
    client->write(deletion_text("c1") + deletion_text("c2"));
    world.run_for(1s);
    EXPECT_EQ(std::count(client->heard.begin(), client->heard.end(), 'H'), 3);
}

TEST(NetModel, MisuseOfAConnectionIsAViolation)
{
    small_world world({});
    const auto& violations = world.api.truth().violations;
    const auto client = world.connect();
    client->write("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(violations.size(), 1u) << "no request of ours";
    world.run_for(1s);
    client->write(deletion_text("c0") + deletion_text("c1"));
    EXPECT_EQ(violations.size(), 2u) << "two before the first answer";

    connection_target target;
    net_client early(world.net, target);
    early.write(deletion_text("c2"));
    EXPECT_EQ(violations.size(), 3u) << "not open";
}

TEST(NetModel, WhatADeadProcessHadWrittenArrivesOrDoesNot)
{
    std::size_t all = 0;
    std::size_t none = 0;
    std::size_t some = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        small_world world({}, seed);
        const auto client = world.connect();
        client->write(deletion_text("c0"));
        world.run_for(1s);
        client->write(deletion_text("c1") + deletion_text("c2") + deletion_text("c3"));
        const std::size_t heard = client->heard.size();
        client->is = state::shut;
        world.net.process_died();
        world.run_for(1min);
        EXPECT_EQ(client->heard.size(), heard) << "nothing comes to the dead";
        std::size_t arrived = 0;
        for (const char* token : {"c1", "c2", "c3"})
            arrived += world.api.exists(0, token) ? 0U : 1U;
        all += arrived == 3 ? 1U : 0U;
        none += arrived == 0 ? 1U : 0U;
        some += arrived == 1 || arrived == 2 ? 1U : 0U;
    }
    EXPECT_GT(all, 50u);
    EXPECT_GT(none, 5u);
    EXPECT_GT(some, 5u);
}

}  // namespace
}  // namespace reaper::test
