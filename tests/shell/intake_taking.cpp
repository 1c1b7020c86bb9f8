// What is taken, when, and what becomes of it (SPEC 3).

#include "support/intake_rig.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

TEST(Intake, TakesAtOnceWhatWasRenamedIn)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(3));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    const auto& job = rig.events.taken[0].manifest;
    EXPECT_EQ(rig.active(), std::vector{job.id});
    EXPECT_TRUE(job.id.starts_with("20261122T203015Z-a.txt-")) << job.id;
    EXPECT_EQ(rig.content(job.id, "input"), token_lines(3));
    EXPECT_EQ(names_in(rig.paths().incoming), (std::vector<std::string>{"prod", "staging"}));
    EXPECT_EQ(job.total, 3u);
    EXPECT_EQ(job.size, 99u);
    EXPECT_EQ(job.account, "prod");
    EXPECT_EQ(job.file, "a.txt");
    EXPECT_EQ(job.endpoint, "https://api.example.com");
    EXPECT_FALSE(job.dropped_by.empty());
    EXPECT_EQ(job.submitted_at, rig.now.wall);
}

TEST(Intake, PublishesWhatItTells)
{
    intake_rig rig;
    rig.rename_in("a.txt", "---\npriority: urgent\nlabel: x\n---\n" + token_lines(2));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    const auto& told = rig.events.taken[0];
    const auto directory = rig.paths().active_job(told.manifest.id);
    EXPECT_EQ(*read_manifest(directory), told.manifest);
    EXPECT_EQ(*read_job_state(directory), told.state);
    EXPECT_EQ(told.manifest.options.prio, priority::urgent);
    EXPECT_EQ(
        names_in(directory),
        (std::vector<std::string>{"input", "job.json", "results.jsonl", "state.json"})
    );
    EXPECT_EQ(content_of(directory + "/results.jsonl"), "");
}

TEST(Intake, WaitsUntilAFileWrittenInPlaceLiesStill)
{
    intake_rig rig;
    const auto path = rig.drop("slow.txt", token_lines(1));
    rig.run_now();
    rig.pass(1900ms);
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.empty());

    put_content(path, token_lines(2));  // it was not finished
    rig.pass(1900ms);
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.empty());

    rig.pass(2s);
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.total, 2u);
}

TEST(Intake, WaitsForTheWriterWhoHasItOpen)
{
    intake_rig rig;
    const auto path = rig.drop("open.txt", token_lines(1));
    {
        const unique_fd writer{::open(path.c_str(), O_WRONLY | O_APPEND)};
        rig.run_for(2min);
        EXPECT_TRUE(rig.events.taken.empty());
        EXPECT_NE(rig.why("/open.txt").find("open for writing"), std::string::npos);
    }
    rig.settle();
    EXPECT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.why("/open.txt"), "");
}

TEST(Intake, PollingAloneFindsFiles)
{
    intake_rig rig;
    rig.run_now();
    rig.drop("quiet.txt", token_lines(1));  // nobody tells
    rig.run_for(rig.config.intake.rescan + rig.config.intake.settle + 1s);
    EXPECT_EQ(rig.events.taken.size(), 1u);
}

TEST(Intake, LeavesUnfinishedAndHiddenNames)
{
    intake_rig rig;
    for (const char* name :
         {".hidden", "a.tmp", "a.part", "a.filepart", "a.crdownload", "a.swp", "a~"})
        rig.drop(name, token_lines(1));
    rig.run_for(1h);
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_TRUE(rig.it->problems().empty());
}

TEST(Intake, AnEmptyFileIsNotYetAJob)
{
    intake_rig rig;
    const auto path = rig.drop("empty.txt", "");
    rig.run_for(1min);
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_TRUE(rig.events.rejected.empty());
    EXPECT_NE(rig.why("/empty.txt").find("empty"), std::string::npos);
    put_content(path, token_lines(1));
    rig.run_for(1min);
    EXPECT_EQ(rig.events.taken.size(), 1u);
}

TEST(Intake, ReportsAndLeavesWhatIsNoPlainFile)
{
    intake_rig rig;
    const auto folder = rig.paths().incoming;
    put_content(rig.root / "elsewhere", token_lines(1));
    std::filesystem::create_symlink(rig.root / "elsewhere", folder + "/symlink.txt");
    std::filesystem::create_hard_link(rig.root / "elsewhere", folder + "/hard.txt");
    ASSERT_EQ(::mkfifo((folder + "/fifo.txt").c_str(), 0600), 0);
    std::filesystem::create_directory(folder + "/no-account");
    const unique_fd server{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    (folder + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

    const auto before = names_in(folder);
    rig.run_for(1min);
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_TRUE(rig.events.rejected.empty());
    EXPECT_EQ(names_in(folder), before);
    EXPECT_NE(rig.why("/symlink.txt").find("symbolic link"), std::string::npos);
    EXPECT_NE(rig.why("/hard.txt").find("hard links"), std::string::npos);
    EXPECT_NE(rig.why("/fifo.txt").find("FIFO"), std::string::npos);
    EXPECT_NE(rig.why("/socket").find("socket"), std::string::npos);
    EXPECT_NE(rig.why("/no-account").find("no account"), std::string::npos);

    // Mended, it is taken, and no longer reported.
    std::filesystem::remove(rig.root / "elsewhere");
    rig.run_for(1min);
    EXPECT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.why("/hard.txt"), "");
}

TEST(Intake, ADirectoryInAnAccountsFolderIsReported)
{
    intake_rig rig;
    std::filesystem::create_directory(rig.paths().folder_of("prod") + "/deeper");
    rig.run_now();
    EXPECT_NE(rig.why("/prod/deeper").find("directory"), std::string::npos);
}

TEST(Intake, TakesNamesOfAnyBytes)
{
    intake_rig rig;
    const std::string newline = "two\nlines.txt";
    const std::string longest = std::string(251, 'x') + ".txt";
    const std::string not_text = "\xff\xfe\x01 latin.csv";
    rig.rename_in(newline, token_lines(1, 1));
    rig.rename_in(longest, token_lines(1, 2));
    rig.rename_in(not_text, "token\n" + token_lines(1, 3));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 3u);
    for (const auto& [job, state] : rig.events.taken) {
        EXPECT_TRUE(is_job_id(job.id)) << job.id;
        EXPECT_TRUE(is_utf8(job.file));
        EXPECT_EQ(job.file.find('\n'), std::string::npos);
    }
    EXPECT_EQ(rig.events.taken[2].manifest.format, job_format::csv);
}

TEST(Intake, AnUnusedJobIdAsNameIsKept)
{
    intake_rig rig;
    const std::string id = "20261101T101500Z-cleanup.csv-beef";
    rig.rename_in(id + ".txt", token_lines(1));
    rig.run_now();
    EXPECT_EQ(rig.active(), std::vector{id});

    // Used, it is not taken a second time: the job gets an id of its own.
    rig.rename_in(id + ".txt", token_lines(2));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 2u);
    EXPECT_NE(rig.events.taken[1].manifest.id, id);
}

TEST(Intake, TheFolderDecidesTheAccount)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(1), "staging");
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.account, "staging");
}

TEST(Intake, WhatHappensToTheDroppedFileAfterwardsChangesNothing)
{
    intake_rig rig;
    const auto path = rig.drop("a.txt", token_lines(2));
    const unique_fd held{::open(path.c_str(), O_RDWR)};
    rig.it->hint({watch_event::what::renamed_in, "", "a.txt"});
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    const auto id = rig.events.taken[0].manifest.id;
    const std::string garbage(200, 'f');
    ASSERT_EQ(write_all_at(held.get(), 0, garbage), 0);
    EXPECT_EQ(rig.content(id, "input"), token_lines(2));
}

TEST(Intake, ASecondLinkMadeAfterTheClaimWaitsForAPerson)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(2));
    const auto claimed = [&]() -> std::string {
        for (const auto& name : names_in(rig.paths().incoming)) {
            if (!claimed_id(name).empty())
                return rig.paths().incoming + "/" + name;
        }
        return {};
    };
    while (claimed().empty())
        ASSERT_TRUE(rig.it->step(rig.now));
    std::filesystem::create_hard_link(claimed(), rig.root / "second");
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_NE(rig.why(".claim").find("hard links"), std::string::npos);
    std::filesystem::remove(rig.root / "second");
    rig.run_for(1min);
    EXPECT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.why(".claim"), "");
}

TEST(Intake, AFileThatVanishesIsForgotten)
{
    intake_rig rig;
    const auto path = rig.drop("gone.txt", token_lines(1));
    rig.run_now();
    std::filesystem::remove(path);
    rig.run_for(1min);
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_TRUE(rig.it->problems().empty());
    EXPECT_TRUE(rig.active().empty());
}

TEST(Intake, OnceTakesWhatItsFirstScanSawAndNoMore)
{
    intake_rig rig;
    rig.drop("early.txt", token_lines(1));
    rig.start(true);
    rig.run_now();
    EXPECT_FALSE(rig.it->is_done());  // it waits for the file to settle
    rig.drop("late.txt", token_lines(1, 9));
    rig.it->hint({watch_event::what::renamed_in, "", "late.txt"});
    rig.run_for(5min);
    EXPECT_TRUE(rig.it->is_done());
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.file, "early.txt");
}

TEST(Intake, AReloadBringsNewAccounts)
{
    intake_rig rig;
    rig.config.accounts["extra"].name = "extra";
    EXPECT_TRUE(ensure_account_folders(rig.paths(), {"extra"}).empty());
    rig.drop("a.txt", token_lines(1), "extra");
    rig.settle();
    EXPECT_NE(rig.why("/extra").find("no account"), std::string::npos);
    rig.it->apply(rig.config);
    rig.settle();
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.account, "extra");
    EXPECT_EQ(rig.why("/extra"), "");
}

}  // namespace
}  // namespace reaper::test
