#include "reaper/cli/command_line.hpp"
#include "reaper/model/exit_status.hpp"
#include "support/cli_spool.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace reaper {
namespace {

using test::cli_spool;
using test::has;
using test::old_id;
using test::put_content;

const std::string token = "0123456789abcdef0123456789abcdef";

struct CommandLine : testing::Test
{
    CommandLine()
    {
        put_content(work / "key", "AAAABBBBCCCC\n");
        std::filesystem::permissions(work / "key", std::filesystem::perms::owner_read);
        write_config("");
        put_content(work / "old.txt", token + "\n");
    }

    void write_config(const std::string& more)
    {
        put_content(
            config(),
            "spool: " + spool.root.path() +
                "\ndefault_account: prod\naccounts:\n  prod:\n    kind: campaigns\n"
                "    api_key_file: " +
                (work / "key") + "\n    rest_api_key_file: " + (work / "key") +
                "\n    endpoint: http://127.0.0.1:9\n" + more
        );
    }

    std::string config() { return work / "config.yaml"; }

    int run(std::vector<std::string> words)
    {
        spool.out.str("");
        spool.err.str("");
        words.insert(words.begin(), "campaign-reaper");
        std::vector<const char*> argv;
        for (const std::string& word : words)
            argv.push_back(word.c_str());
        return run_command_line(static_cast<int>(argv.size()), argv.data(), spool.io);
    }

    test::temp_dir work;
    cli_spool spool;
};

TEST_F(CommandLine, HelpIsOnStdoutAndFineForEveryCommand)
{
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_TRUE(has(spool.printed(), "Exit status")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "Examples")) << spool.printed();
    EXPECT_FALSE(has(spool.printed(), "retry")) << "commands that are not there are not listed";
    for (const char* command :
         {"run",
          "once",
          "check",
          "submit",
          "status",
          "results",
          "hold",
          "release",
          "cancel",
          "health"}) {
        EXPECT_TRUE(run({"--help"}) == 0 && has(spool.printed(), command)) << command;
        EXPECT_EQ(run({command, "--help"}), 0) << command;
        EXPECT_TRUE(has(spool.printed(), command)) << spool.printed();
    }
}

TEST_F(CommandLine, VersionIsSaidEverywhere)
{
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(spool.printed(), "campaign-reaper " REAPER_VERSION "\n");
    EXPECT_EQ(run({"status", "--version"}), 0);
    EXPECT_TRUE(has(spool.printed(), REAPER_VERSION)) << spool.printed();
}

TEST_F(CommandLine, WhatIsNotKnownIsAUsageError)
{
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"frobnicate"}), 2);
    EXPECT_EQ(run({"status", "--frobnicate"}), 2);
    EXPECT_EQ(run({"results"}), 2);
    EXPECT_EQ(run({"submit"}), 2);
    EXPECT_EQ(run({"submit", "x.txt", "--priority", "high"}), 2);
    EXPECT_EQ(run({"submit", "x.txt", "--deadline", "tomorrow"}), 2);
    EXPECT_EQ(run({"submit", "x.txt", "--count", "-1"}), 2);
    EXPECT_EQ(run({"results", "x", "--format", "xml"}), 2);
    EXPECT_EQ(run({"once", "--max-wait", "10"}), 2);
    EXPECT_EQ(spool.printed(), "");
    EXPECT_NE(spool.said(), "");
}

TEST_F(CommandLine, ACommandThatIsMistypedIsGuessed)
{
    EXPECT_EQ(run({"statsu"}), 2);
    EXPECT_TRUE(has(spool.said(), "did you mean status?")) << spool.said();
}

TEST_F(CommandLine, AnOutcomeThatIsMistypedIsGuessed)
{
    EXPECT_EQ(run({"results", "x", "--outcome", "deleted,not_fond"}), 2);
    EXPECT_TRUE(has(spool.said(), "not_found")) << spool.said();
}

TEST_F(CommandLine, CommandsOfALaterVersionAreRefusedWithAWord)
{
    for (const char* command : {"retry", "prioritize", "list"}) {
        EXPECT_EQ(run({command, "x", "--outcome", "unknown"}), 2) << command;
        EXPECT_TRUE(has(spool.said(), "this version")) << spool.said();
    }
}

TEST_F(CommandLine, TheConfigurationMayBeNamedBeforeAndAfterTheCommand)
{
    EXPECT_EQ(run({"--config", config(), "status"}), 0) << spool.said();
    EXPECT_EQ(run({"status", "--config", config()}), 0) << spool.said();
    ::setenv("CAMPAIGN_REAPER_CONFIG", config().c_str(), 1);
    EXPECT_EQ(run({"status"}), 0) << spool.said();
    ::unsetenv("CAMPAIGN_REAPER_CONFIG");
    EXPECT_EQ(run({"status", "--config", work / "none.yaml"}), 78);
    EXPECT_TRUE(has(spool.said(), "none.yaml")) << spool.said();
}

TEST_F(CommandLine, SubmitPublishesWithItsFlags)
{
    ASSERT_EQ(
        run(
            {"submit",
             "--config",
             config(),
             "--dry-run",
             "--hold-after",
             "3",
             "--label",
             "x",
             work / "old.txt"}
        ),
        0
    ) << spool.said();
    std::string id = spool.printed();
    id.pop_back();
    EXPECT_EQ(
        test::content_of(spool.paths.incoming + "/" + id + ".txt"),
        "---\ndry_run: true\nhold_after: 3\nlabel: \"x\"\n---\n" + token + "\n"
    );
    EXPECT_EQ(run({"hold", id, "--config", config()}), 0) << spool.said();
    EXPECT_EQ(run({"status", id, "--config", config()}), 0) << spool.said();
    EXPECT_EQ(run({"results", "nothing", "--config", config()}), 3) << spool.said();
    EXPECT_EQ(run({"health", "--config", config()}), 69) << spool.said();
}

TEST_F(CommandLine, AConfigurationWithFaultsDoesNotKeepAnOperatorFromHoldingAJob)
{
    spool.add_active(old_id, 3);
    write_config("    pase: auto\n");
    EXPECT_EQ(run({"hold", old_id, "--config", config()}), 0) << spool.said();
    EXPECT_TRUE(has(spool.said(), "campaign-reaper check")) << spool.said();
    EXPECT_EQ(run({"submit", work / "old.txt", "--config", config()}), 78);
    EXPECT_EQ(run({"check", "--config", config()}), 78);
    EXPECT_TRUE(has(spool.said(), "pace")) << "the nearest key: " << spool.said();
}

TEST_F(CommandLine, CheckSaysThatAllIsFineAndWhatItIs)
{
    EXPECT_EQ(run({"check", "--config", config()}), 0) << spool.said();
    EXPECT_TRUE(has(spool.printed(), "fine: 1 account")) << spool.printed();
    EXPECT_TRUE(has(spool.printed(), "prod: campaigns at http://127.0.0.1:9")) << spool.printed();
    EXPECT_FALSE(has(spool.printed(), "AAAABBBB")) << "never a key";
}

TEST_F(CommandLine, CheckFindsAllThatIsWrongWithTheFiles)
{
    put_content(work / "allow", "");
    std::filesystem::permissions(work / "key", std::filesystem::perms::others_read);
    write_config("guards:\n  allow: " + (work / "allow") + "\n");
    std::filesystem::remove(spool.paths.done);
    put_content(spool.paths.done, "");
    EXPECT_EQ(run({"check", "--config", config()}), 78);
    EXPECT_TRUE(has(spool.said(), work / "key")) << spool.said();
    EXPECT_TRUE(has(spool.said(), work / "allow")) << spool.said();
    EXPECT_TRUE(has(spool.said(), spool.paths.done + " is not a directory")) << spool.said();
    EXPECT_FALSE(has(spool.said(), "AAAABBBB"));
    EXPECT_EQ(spool.printed(), "");
}

TEST_F(CommandLine, CheckCannotSeeTheCredentialsOfTheServiceAndSaysSo)
{
    ::unsetenv("CREDENTIALS_DIRECTORY");
    put_content(
        config(),
        "spool: " + spool.root.path() +
            "\naccounts:\n  prod:\n    api_key_credential: prod.api_key\n"
            "    rest_api_key_credential: prod.rest_api_key\n"
    );
    EXPECT_EQ(run({"check", "--config", config()}), 0) << spool.said();
    EXPECT_TRUE(has(spool.said(), "prod.api_key is for the service alone")) << spool.said();

    ::setenv("CREDENTIALS_DIRECTORY", work.path().c_str(), 1);
    EXPECT_EQ(run({"check", "--config", config()}), 78);
    ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(CommandLine, CheckWarnsOfASpoolThatIsNotThereYet)
{
    std::filesystem::remove_all(spool.root.path());
    EXPECT_EQ(run({"check", "--config", config()}), 0) << spool.said();
    EXPECT_TRUE(has(spool.said(), "the daemon makes it")) << spool.said();
}

}  // namespace
}  // namespace reaper
