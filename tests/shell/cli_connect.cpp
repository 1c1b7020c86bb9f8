#include "reaper/base/units.hpp"
#include "reaper/cli/connect_check.hpp"
#include "reaper/cli/limit_turn.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/keyed_hash.hpp"
#include "reaper/io/request_template.hpp"
#include "reaper/io/spool_state.hpp"
#include "support/cli_spool.hpp"
#include "support/sandbox_server.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using test::cli_spool;
using test::has;
using test::put_content;

struct Connect : testing::Test
{
    Connect()
    {
        for (const auto& directory : {spool.paths.limits, spool.paths.proofs, spool.paths.sent})
            std::filesystem::create_directories(directory);
        put_key("api", server.api_key());
        put_key("rest", server.rest_key());
        account_settings& prod = config.accounts["prod"];
        prod.name = "prod";
        prod.api_key = {secret_source::from::file, work / "api"};
        prod.rest_api_key = {secret_source::from::file, work / "rest"};
        prod.endpoint.url = server.endpoint();
        prod.endpoint.host = "127.0.0.1";
        prod.endpoint.port = server.port();
        prod.ca_file = server.ca_pem_path();
        prod.timeout = 5s;
        config.spool = spool.root.path();
    }

    void put_key(const std::string& name, const std::string& key)
    {
        put_content(work / name, key + "\n");
        std::filesystem::permissions(work / name, std::filesystem::perms::owner_read);
    }

    void write_key(const std::string& name, const std::string& key)
    {
        std::filesystem::remove(work / name);
        put_key(name, key);
    }

    account_settings& prod() { return config.accounts["prod"]; }

    std::string salt()
    {
        const auto found = load_salt(spool.paths);
        EXPECT_TRUE(found);
        return *found;
    }

    account_secrets keys() { return {server.api_key(), server.rest_key()}; }

    std::string limit() { return limit_id_of(prod(), keys(), salt()); }

    limit_state stored()
    {
        const auto state = read_limit(spool.paths, limit());
        EXPECT_TRUE(state && *state);
        return **state;
    }

    bool is_proven()
    {
        return is_route_proven(spool.paths, keyed_hash(salt(), route_text(prod(), keys())));
    }

    exit_status run() { return connect_check(config, spool.io); }

    test::sandbox_server server;
    test::temp_dir work;
    cli_spool spool;
    settings config;
};

TEST_F(Connect, AGoodAccountIsFineAndItsRouteProven)
{
    EXPECT_EQ(run(), exit_status::ok) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "prod: fine")) << spool.printed();
    EXPECT_TRUE(is_proven());
    EXPECT_EQ(server.ledger().size(), 1u) << "one request";
    EXPECT_TRUE(stored().clean) << "the gate is left as the daemon wants to find it";
    EXPECT_EQ(spool.sleeps, 0) << "a limit that was never used has no gate to wait for";
}

TEST_F(Connect, AKeyThatIsRefusedIsNamedByItsFile)
{
    server.set_rest_key("another");
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), "401")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), work / "rest")) << spool.printed();
    EXPECT_FALSE(has(spool.printed(), keys().rest_api_key));
    EXPECT_FALSE(is_proven());
}

TEST_F(Connect, AWrongApiKeyIsA404ThatSaysWhatToLookAt)
{
    write_key("api", "WRONGWRONGWRONG");
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), work / "api")) << spool.printed();
    EXPECT_FALSE(has(spool.printed() + spool.said(), "WRONGWRONG"));
}

TEST_F(Connect, A429ShutsTheGateOfTheLimit)
{
    server.set_faults({.rules = {{sandbox::fault_kind::error_429, 1.0}}});
    EXPECT_EQ(run(), exit_status::try_later) << spool.printed();
    EXPECT_TRUE(stored().clean);
    EXPECT_EQ(stored().boot_id, "boot-1");
    EXPECT_GE(stored().shut_until, spool.now.mono + 5s);
}

TEST_F(Connect, AShutGateIsWaitedFor)
{
    limit_state state;
    state.id = limit();
    state.boot_id = "boot-1";
    state.clean = true;
    state.shut_until = spool.now.mono + 3s;
    ASSERT_TRUE(write_limit(spool.paths, state));
    const mono_time start = spool.now.mono;
    EXPECT_EQ(run(), exit_status::ok) << spool.printed();
    EXPECT_EQ(spool.now.mono, start + 3s);
}

TEST_F(Connect, AStateThatNoCleanStopWroteIsWaitedForInFull)
{
    for (const bool same_boot : {true, false}) {
        limit_state state;
        state.id = limit();
        state.boot_id = same_boot ? "boot-1" : "boot-0";
        state.clean = !same_boot;
        ASSERT_TRUE(write_limit(spool.paths, state));
        const mono_time start = spool.now.mono;
        EXPECT_EQ(run(), exit_status::ok) << spool.printed();
        EXPECT_EQ(spool.now.mono, start + 5s);
    }
}

TEST_F(Connect, ALongSilenceIsNotWaitedForButSaid)
{
    limit_state state;
    state.id = limit();
    state.boot_id = "boot-1";
    state.clean = true;
    state.shut_until = spool.now.mono + 10min;
    ASSERT_TRUE(write_limit(spool.paths, state));
    EXPECT_EQ(run(), exit_status::try_later);
    EXPECT_TRUE(has(spool.printed(), "10 min")) << spool.printed();
    EXPECT_TRUE(server.ledger().empty());
}

TEST_F(Connect, TheDaemonIsAskedForTheLimitAndItsStateIsReadAfterwards)
{
    auto daemon = file_lock::acquire(limit_lock_path(spool.paths, limit()), "4711 here");
    ASSERT_TRUE(daemon);
    std::optional<file_lock> held = std::move(*daemon);
    spool.on_sleep = [&] {
        if (!held)
            return;
        const auto scan = read_control(spool.paths);
        ASSERT_TRUE(scan);
        ASSERT_EQ(scan->wanted_limits, std::vector<std::string>{limit()});
        limit_state state;
        state.id = limit();
        state.boot_id = "boot-1";
        state.clean = true;
        state.shut_until = spool.now.mono + 2s;
        ASSERT_TRUE(write_limit(spool.paths, state));
        held.reset();
    };
    EXPECT_EQ(run(), exit_status::ok) << spool.printed();
    EXPECT_EQ(spool.names_in(spool.paths.control), std::vector<std::string>{})
        << "what was asked is withdrawn";
    EXPECT_TRUE(has(spool.said(), "Waits")) << "the daemon's gate: " << spool.said();
}

TEST_F(Connect, ALimitThatIsNotLentIsATryAgainLater)
{
    const auto daemon = file_lock::acquire(limit_lock_path(spool.paths, limit()), "4711 here");
    ASSERT_TRUE(daemon);
    EXPECT_EQ(run(), exit_status::try_later);
    EXPECT_TRUE(has(spool.printed(), "4711 here")) << spool.printed();
    EXPECT_TRUE(server.ledger().empty());
    EXPECT_TRUE(spool.names_in(spool.paths.control).empty());
}

TEST_F(Connect, AServerThatTheCaDoesNotVouchForIsRefused)
{
    test::sandbox_server other;
    prod().ca_file = other.ca_pem_path();
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), "certificate")) << spool.printed();
    EXPECT_FALSE(is_proven());
}

TEST_F(Connect, NobodyListeningIsSaid)
{
    prod().endpoint.port = 1;
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.printed(), "refused")) << spool.printed();
}

TEST_F(Connect, BeforeTheFirstStartOfADaemonNothingIsLeftInTheSpool)
{
    std::filesystem::remove_all(spool.root.path());
    EXPECT_EQ(run(), exit_status::ok) << spool.printed();
    EXPECT_FALSE(std::filesystem::exists(spool.root.path()));
}

TEST(LimitTurn, ACommandThatDiesInItsTurnLeavesTheGateShutForWhoeverComesNext)
{
    cli_spool spool;
    std::filesystem::create_directories(spool.paths.limits);
    {
        auto turn = limit_turn::take(spool.paths, "shared-x", 1s, spool.io);
        ASSERT_TRUE(turn);
        ASSERT_TRUE(turn->begin());
    }
    const auto left = read_limit(spool.paths, "shared-x");
    ASSERT_TRUE(left && *left);
    EXPECT_FALSE((*left)->clean);
    const mono_time before = spool.now.mono;
    ASSERT_TRUE(limit_turn::take(spool.paths, "shared-x", 1s, spool.io));
    EXPECT_EQ(spool.now.mono, before + 5s);
}

TEST(LimitTurn, WhatWasLearntOfThePaceIsKept)
{
    cli_spool spool;
    std::filesystem::create_directories(spool.paths.limits);
    limit_state state;
    state.id = "shared-x";
    state.boot_id = "boot-1";
    state.clean = true;
    state.pace_per_s = 12.5;
    state.pace_at = test::cli_start;
    ASSERT_TRUE(write_limit(spool.paths, state));
    auto turn = limit_turn::take(spool.paths, "shared-x", 1s, spool.io);
    ASSERT_TRUE(turn && turn->begin());
    ASSERT_TRUE(turn->end(8s, spool.now));
    const auto left = read_limit(spool.paths, "shared-x");
    ASSERT_TRUE(left && *left);
    EXPECT_EQ((*left)->pace_per_s, 12.5);
    EXPECT_EQ((*left)->shut_until, spool.now.mono + 8s);
}

}  // namespace
}  // namespace reaper
