// Crashes, full disks and crowds: nothing is lost, nothing is taken twice, nobody waits for ever.

#include "support/intake_rig.hpp"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/resource.h>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* options = "---\nlabel: kept\n---\n";

// Steps until the file is published or rejected.
int steps_to_take(const std::string& name, std::string_view bytes)
{
    intake_rig rig;
    rig.rename_in(name, bytes);
    int steps = 0;
    while (rig.events.taken.empty() && rig.events.rejected.empty() && steps < 100'000) {
        static_cast<void>(rig.it->step(rig.now));
        ++steps;
    }
    return steps;
}

TEST(IntakeCrash, AtEveryStepLeavesExactlyOneJob)
{
    const auto bytes = options + token_lines(5) + token_lines(2);
    const int steps = steps_to_take("a.txt", bytes);
    ASSERT_GT(steps, 8);
    for (int crash = 0; crash <= steps; ++crash) {
        intake_rig rig;
        rig.rename_in("a.txt", bytes);
        for (int i = 0; i < crash; ++i)
            static_cast<void>(rig.it->step(rig.now));
        rig.start();
        rig.settle();

        const auto jobs = rig.active();
        ASSERT_EQ(jobs.size(), 1u) << "crash after step " << crash;
        EXPECT_EQ(rig.content(jobs[0], "input"), bytes);
        const auto job = read_manifest(rig.paths().active_job(jobs[0]));
        ASSERT_TRUE(job) << job.error().sentence;
        EXPECT_EQ(job->id, jobs[0]);
        EXPECT_EQ(job->file, "a.txt");
        EXPECT_EQ(job->total, 7u);
        EXPECT_EQ(job->duplicates, 2u);
        EXPECT_EQ(
            names_in(rig.paths().active_job(jobs[0])),
            (std::vector<std::string>{"input", "job.json", "results.jsonl", "state.json"})
        );
        EXPECT_EQ(names_in(rig.paths().incoming), (std::vector<std::string>{"prod", "staging"}))
            << "a claim is left, crash after step " << crash;
        EXPECT_TRUE(rig.it->problems().empty());
    }
}

TEST(IntakeCrash, AtEveryStepForgetsNeitherTheFormatNorTheName)
{
    // Its id tells nothing of .csv: only what is stored beside the copy does.
    const std::string id = "20261101T101500Z-cleanup-beef";
    const auto bytes = "name,token\nx," + token_number(1) + "\n";
    const int steps = steps_to_take(id + ".csv", bytes);
    for (int crash = 0; crash <= steps; ++crash) {
        intake_rig rig;
        rig.rename_in(id + ".csv", bytes);
        for (int i = 0; i < crash; ++i)
            static_cast<void>(rig.it->step(rig.now));
        rig.start();
        rig.settle();
        ASSERT_EQ(rig.active(), std::vector{id}) << "crash after step " << crash;
        const auto job = read_manifest(rig.paths().active_job(id));
        EXPECT_EQ(job->format, job_format::csv);
        EXPECT_EQ(job->file, id + ".csv");
    }
}

TEST(IntakeCrash, AtEveryStepOfARejectionRejectsOnce)
{
    const auto bytes = token_lines(1) + "wrong\n";
    const int steps = steps_to_take("a.txt", bytes);
    for (int crash = 0; crash <= steps; ++crash) {
        intake_rig rig;
        rig.rename_in("a.txt", bytes);
        for (int i = 0; i < crash; ++i)
            static_cast<void>(rig.it->step(rig.now));
        rig.start();
        rig.settle();
        const auto jobs = rig.rejected();
        ASSERT_EQ(jobs.size(), 1u) << "crash after step " << crash;
        EXPECT_EQ(
            names_in(rig.paths().rejected_job(jobs[0])),
            (std::vector<std::string>{"input", "reason.json"})
        );
        EXPECT_TRUE(rig.active().empty());
        EXPECT_EQ(names_in(rig.paths().incoming), (std::vector<std::string>{"prod", "staging"}));
    }
}

TEST(IntakeCrash, AClaimWithoutItsOriginIsTakenUnderTheNameInItsId)
{
    intake_rig rig;
    const std::string id = "20261101T101500Z-list.jsonl-beef";
    rig.drop(claim_name(id), "\"" + token_number(1) + "\"\n");
    rig.start();
    rig.settle();
    ASSERT_EQ(rig.active(), std::vector{id});
    EXPECT_EQ(rig.events.taken.at(0).manifest.format, job_format::jsonl);
    EXPECT_EQ(rig.events.taken.at(0).manifest.file, "list.jsonl");
}

TEST(IntakeCrash, AnOriginThatCannotBeReadNowIsNotThrownAway)
{
    intake_rig rig;
    // A name that is a job's id as a whole loses its ending with its origin.
    const std::string id = "20261101T101500Z-list-beef";
    rig.drop(claim_name(id), "token\n" + token_number(1) + "\n");
    std::filesystem::create_directory(rig.paths().staging(id));
    put_content(rig.paths().staging(id) + "/origin.json", render_origin({id + ".csv", ""}));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit few{static_cast<rlim_t>(next), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    static_cast<void>(rig.it->clean_up());
    rig.run_for(2min);
    ::setrlimit(RLIMIT_NOFILE, &before);
    rig.run_for(2min);
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken.at(0).manifest.format, job_format::csv);
    EXPECT_EQ(rig.events.taken.at(0).manifest.total, 1u);
}

TEST(IntakeCrash, AClaimOfAJobThatIsThereIsRemoved)
{
    const std::string id = "20261101T101500Z-a.txt-beef";
    for (const char* place : {"active", "done", "rejected"}) {
        intake_rig rig;
        const auto job = rig.paths().root + "/" + place + "/" + id;
        std::filesystem::create_directory(job);
        rig.drop(claim_name(id), token_lines(1));
        rig.start();
        rig.settle();
        EXPECT_EQ(names_in(rig.paths().incoming), (std::vector<std::string>{"prod", "staging"}))
            << place;
        EXPECT_TRUE(rig.events.taken.empty());
        EXPECT_TRUE(names_in(job).empty());
    }
}

TEST(IntakeCrash, WhatAttemptsLeftInActiveIsRemovedAtAStart)
{
    intake_rig rig;
    const auto staging = rig.paths().staging("20261101T101500Z-a.txt-beef");
    std::filesystem::create_directory(staging);
    put_content(staging + "/input", token_lines(1));
    rig.start();
    EXPECT_TRUE(rig.active().empty());
}

// A limit on the size of files stands for a full disk: root is not spared.
class file_size_limit
{
public:
    explicit file_size_limit(rlim_t bytes)
    {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }

    ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

private:
    rlimit before_{};
};

TEST(IntakeTrouble, AFullDiskLosesNothingAndIsTriedAgain)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(10'000));
    {
        const file_size_limit full(100'000);
        rig.run_for(2min);
        EXPECT_TRUE(rig.events.taken.empty());
        EXPECT_TRUE(rig.events.rejected.empty());
        EXPECT_NE(rig.why("/active").find("no file can be taken in"), std::string::npos);
        // The room of the half copy is given back.
        for (const auto& name : rig.active())
            EXPECT_EQ(
                names_in(rig.paths().active + "/" + name), std::vector<std::string>{"origin.json"}
            );
    }
    rig.run_for(1min);
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_EQ(rig.events.taken[0].manifest.total, 10'000u);
    EXPECT_EQ(rig.events.taken[0].manifest.file, "a.txt");
    EXPECT_TRUE(rig.it->problems().empty());
}

TEST(IntakeTrouble, NoDescriptorsLoseNothing)
{
    intake_rig rig;
    rig.rename_in("a.txt", token_lines(10));
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    rig.run_for(2min);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(rig.events.taken.empty());
    rig.run_for(2min);
    EXPECT_EQ(rig.events.taken.size(), 1u);
}

TEST(IntakeTrouble, AFolderThatIsGoneIsReportedAndTheOthersWork)
{
    intake_rig rig;
    std::filesystem::remove(rig.paths().folder_of("prod"));
    rig.rename_in("a.txt", token_lines(1), "staging");
    rig.settle();
    EXPECT_EQ(rig.events.taken.size(), 1u);
    EXPECT_NE(rig.why("incoming/prod"), "");
    std::filesystem::create_directory(rig.paths().folder_of("prod"));
    rig.drop("b.txt", token_lines(1), "prod");
    rig.run_for(1min);
    EXPECT_EQ(rig.events.taken.size(), 2u);
    EXPECT_EQ(rig.why("incoming/prod"), "");
}

TEST(IntakeTrouble, AFileThatChangesWhileItIsCopiedIsCopiedAnew)
{
    intake_rig rig;
    const auto bytes = token_lines(20'000);  // three pieces
    const auto path = rig.drop("a.txt", bytes);
    const unique_fd writer{::open(path.c_str(), O_WRONLY)};
    rig.it->hint({watch_event::what::renamed_in, "", "a.txt"});
    const auto half_copied = [&] {
        for (const auto& name : rig.active()) {
            std::error_code none;
            if (std::filesystem::file_size(rig.paths().active + "/" + name + "/input", none) >
                    100'000 &&
                !none)
                return true;
        }
        return false;
    };
    while (!half_copied())
        ASSERT_TRUE(rig.it->step(rig.now));
    ASSERT_EQ(write_all_at(writer.get(), 0, token_number(99'999)), 0);
    rig.run_now();
    EXPECT_TRUE(rig.events.taken.empty());
    EXPECT_NE(rig.why(".claim").find("was changed while it was copied"), std::string::npos);
    rig.run_for(1min);
    ASSERT_EQ(rig.events.taken.size(), 1u);
    EXPECT_TRUE(
        rig.content(rig.events.taken[0].manifest.id, "input").starts_with(token_number(99'999))
    );
}

TEST(IntakeTrouble, ABigFileDoesNotKeepSmallOnesWaiting)
{
    intake_rig rig;
    rig.config.accounts["prod"].guards.max_deletes = 1'000'000;
    rig.start();
    rig.rename_in("big.txt", token_lines(200'000));  // 6.6 MB
    for (int i = 0; i < 10; ++i)
        static_cast<void>(rig.it->step(rig.now));
    for (unsigned i = 0; i < 5; ++i)
        rig.rename_in("small" + std::to_string(i) + ".txt", token_lines(1, i));
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 6u);
    EXPECT_EQ(rig.events.taken.back().manifest.file, "big.txt");
    EXPECT_EQ(rig.events.taken.back().manifest.total, 200'000u);
}

TEST(IntakeTrouble, AccountsTakeTurns)
{
    intake_rig rig;
    for (unsigned i = 0; i < 50; ++i)
        rig.rename_in(std::to_string(i) + ".txt", token_lines(1, i + 1), "prod");
    rig.rename_in("one.txt", token_lines(1, 99), "staging");
    rig.run_now();
    ASSERT_EQ(rig.events.taken.size(), 51u);
    const auto turn =
        std::find_if(rig.events.taken.begin(), rig.events.taken.end(), [](const auto& job) {
            return job.manifest.account == "staging";
        });
    EXPECT_LT(turn - rig.events.taken.begin(), 3);
}

TEST(IntakeTrouble, ThousandsOfFilesAtOnceAreTakenOneByOne)
{
    intake_rig rig;
    constexpr unsigned files = 3000;  // more than are queued at a time
    for (unsigned i = 0; i < files; ++i)
        rig.drop("f" + std::to_string(i) + ".txt", token_number(i + 1) + "\n");
    rig.run_for(10min);
    EXPECT_EQ(rig.events.taken.size(), files);
    EXPECT_EQ(rig.active().size(), files);
    EXPECT_TRUE(rig.it->problems().empty());
}

}  // namespace
}  // namespace reaper::test
