#include "reaper/core/intake_policy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper {
namespace {

using namespace std::chrono_literals;

constexpr mono_time t0{std::chrono::hours(10)};

entry_facts file_named(std::string name)
{
    entry_facts facts;
    facts.name = std::move(name);
    facts.size = 100;
    facts.modified_ns = 1;
    facts.changed_ns = 1;
    facts.device = 1;
    facts.inode = 7;
    facts.open_by = writers::none;
    return facts;
}

TEST(IntakePolicy, LeavesHiddenAndUnfinishedNamesAlone)
{
    for (const char* name :
         {".hidden",
          ".x.txt.swp",
          "a.tmp",
          "a.part",
          "a.filepart",
          "a.crdownload",
          "a.swp",
          "a~",
          "lost+found",
          "A.TMP",
          "a.Part",
          ""})
        EXPECT_TRUE(intake_policy::is_left_alone(name)) << name;
    for (const char* name : {"a.txt", "tmp", "a.tmp.txt", "part", "a~b", "a.parts"})
        EXPECT_FALSE(intake_policy::is_left_alone(name)) << name;
}

TEST(IntakePolicy, SaysNothingOfNamesThatItLeavesAlone)
{
    intake_policy policy(2s);
    auto facts = file_named("a.part");
    facts.renamed_in = true;
    const auto verdict = policy.look(facts, t0);
    EXPECT_EQ(verdict.step, intake_step::leave);
    EXPECT_EQ(verdict.why, "");
    EXPECT_FALSE(policy.is_waiting());
}

TEST(IntakePolicy, TakesAtOnceWhatWasRenamedIn)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.renamed_in = true;
    facts.open_by = writers::some;  // only the copy counts
    EXPECT_EQ(policy.look(facts, t0).step, intake_step::take);

    // A later look at the same file knows it still.
    facts.renamed_in = false;
    EXPECT_EQ(policy.look(facts, t0 + 1ms).step, intake_step::take);
}

TEST(IntakePolicy, ARenameDoesNotVouchForWhatIsWrittenAfterwards)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.renamed_in = true;
    EXPECT_EQ(policy.look(facts, t0).step, intake_step::take);

    facts.renamed_in = false;
    facts.size = 200;
    const auto verdict = policy.look(facts, t0 + 1ms);
    EXPECT_EQ(verdict.step, intake_step::wait);
    EXPECT_EQ(verdict.look_at, t0 + 1ms + 2s);
}

TEST(IntakePolicy, TakesAFileThatLayStillForTheSettleTimeAndNotBefore)
{
    intake_policy policy(2s);
    const auto facts = file_named("a.txt");
    const auto first = policy.look(facts, t0);
    EXPECT_EQ(first.step, intake_step::wait);
    EXPECT_EQ(first.look_at, t0 + 2s);
    EXPECT_EQ(policy.next_look(), t0 + 2s);
    EXPECT_TRUE(policy.due(t0 + 2s - 1ns, 9).empty());
    EXPECT_EQ(policy.look(facts, t0 + 2s - 1ns).step, intake_step::wait);
    ASSERT_EQ(policy.due(t0 + 2s, 9).size(), 1u);
    EXPECT_EQ(policy.look(facts, t0 + 2s).step, intake_step::take);
    EXPECT_FALSE(policy.is_waiting());
}

TEST(IntakePolicy, AnyChangeOfSizeTimesOrIdentityBeginsTheWaitAnew)
{
    using change = void (*)(entry_facts&);
    const change changes[] = {
        [](entry_facts& f) { f.size += 1; },
        [](entry_facts& f) { f.modified_ns += 1; },
        [](entry_facts& f) { f.changed_ns += 1; },
        [](entry_facts& f) { f.inode += 1; },
        [](entry_facts& f) { f.device += 1; },
    };
    for (const auto alter : changes) {
        intake_policy policy(2s);
        auto facts = file_named("a.txt");
        EXPECT_EQ(policy.look(facts, t0).step, intake_step::wait);
        alter(facts);
        EXPECT_EQ(policy.look(facts, t0 + 3s).step, intake_step::wait);
        EXPECT_EQ(policy.look(facts, t0 + 4s).step, intake_step::wait);
        EXPECT_EQ(policy.look(facts, t0 + 5s).step, intake_step::take);
    }
}

TEST(IntakePolicy, WaitsForTheLastWriterWhereTheKernelTells)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.open_by = writers::some;
    EXPECT_EQ(policy.look(facts, t0).step, intake_step::wait);
    const auto open_still = policy.look(facts, t0 + 2s);
    EXPECT_EQ(open_still.step, intake_step::wait);
    EXPECT_EQ(open_still.look_at, t0 + 4s);
    facts.open_by = writers::none;
    EXPECT_EQ(policy.look(facts, t0 + 2s + 1ms).step, intake_step::take);
}

TEST(IntakePolicy, WithoutASettleTimeAnOpenFileIsNotLookedAtInACircle)
{
    intake_policy policy(0s);
    auto facts = file_named("a.txt");
    facts.open_by = writers::some;
    EXPECT_EQ(policy.look(facts, t0).look_at, t0 + 100ms);
}

TEST(IntakePolicy, ReliesOnTheQuietPeriodWhereTheKernelDoesNotTell)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.open_by = writers::untold;
    EXPECT_EQ(policy.look(facts, t0).step, intake_step::wait);
    EXPECT_EQ(policy.look(facts, t0 + 2s).step, intake_step::take);
}

TEST(IntakePolicy, SaysWhyAFileWaitsForLong)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.open_by = writers::some;
    EXPECT_EQ(policy.look(facts, t0).why, "");
    EXPECT_EQ(policy.look(facts, t0 + 59s).why, "");
    EXPECT_NE(policy.look(facts, t0 + 60s).why.find("open for writing"), std::string::npos);
    facts.size = 101;
    EXPECT_NE(policy.look(facts, t0 + 61s).why.find("still being written"), std::string::npos);
}

TEST(IntakePolicy, AnEmptyFileIsNotYetAJobAndSaysSoWhenItStaysEmpty)
{
    intake_policy policy(2s);
    auto facts = file_named("a.txt");
    facts.size = 0;
    facts.renamed_in = true;
    EXPECT_EQ(policy.look(facts, t0).step, intake_step::wait);
    facts.renamed_in = false;
    const auto still = policy.look(facts, t0 + 2s);
    EXPECT_EQ(still.step, intake_step::leave);
    EXPECT_NE(still.why.find("empty"), std::string::npos);

    // What is written to it then has to settle.
    facts.size = 33;
    facts.modified_ns = 2;
    EXPECT_EQ(policy.look(facts, t0 + 3s).step, intake_step::wait);
    EXPECT_EQ(policy.look(facts, t0 + 5s).step, intake_step::take);
}

TEST(IntakePolicy, ReportsAndLeavesWhatIsNoPlainFileOfItsOwn)
{
    using change = void (*)(entry_facts&);
    const std::pair<change, const char*> misfits[] = {
        {[](entry_facts& f) { f.kind = file_kind::directory; }, "directory"},
        {[](entry_facts& f) { f.kind = file_kind::symlink; }, "symbolic link"},
        {[](entry_facts& f) { f.kind = file_kind::fifo; }, "FIFO"},
        {[](entry_facts& f) { f.kind = file_kind::socket; }, "socket"},
        {[](entry_facts& f) { f.kind = file_kind::device; }, "device"},
        {[](entry_facts& f) { f.links = 2; }, "2 hard links"},
        {[](entry_facts& f) { f.readable = false; }, "may not read"},
    };
    for (const auto& [alter, word] : misfits) {
        intake_policy policy(2s);
        auto facts = file_named("a.txt");
        facts.renamed_in = true;
        alter(facts);
        for (const auto now : {t0, t0 + 2s, t0 + 1h}) {
            const auto verdict = policy.look(facts, now);
            EXPECT_EQ(verdict.step, intake_step::leave) << word;
            EXPECT_NE(verdict.why.find(word), std::string::npos) << verdict.why;
            EXPECT_NE(verdict.why.find(':'), std::string::npos) << "no mend: " << verdict.why;
        }
        EXPECT_FALSE(policy.is_waiting());
    }
}

TEST(IntakePolicy, RemembersABoundedNumberOfFiles)
{
    intake_policy policy(2s, 2);
    static_cast<void>(policy.look(file_named("a"), t0));
    EXPECT_FALSE(policy.is_full());
    static_cast<void>(policy.look(file_named("b"), t0));
    EXPECT_TRUE(policy.is_full());
    EXPECT_EQ(policy.look(file_named("c"), t0).step, intake_step::wait);
    EXPECT_EQ(policy.look(file_named("c"), t0 + 9s).step, intake_step::wait);
    policy.forget("a");
    EXPECT_EQ(policy.look(file_named("c"), t0 + 10s).step, intake_step::wait);
    EXPECT_EQ(policy.look(file_named("c"), t0 + 12s).step, intake_step::take);
}

TEST(IntakePolicy, GivesDueNamesInTheOrderOfTheirTime)
{
    intake_policy policy(2s);
    static_cast<void>(policy.look(file_named("late"), t0 + 1s));
    static_cast<void>(policy.look(file_named("early"), t0));
    EXPECT_EQ(policy.due(t0 + 3s, 9), (std::vector<std::string>{"early", "late"}));
    EXPECT_EQ(policy.due(t0 + 3s, 1), (std::vector<std::string>{"early"}));
    policy.forget("early");
    EXPECT_EQ(policy.next_look(), t0 + 3s);
    policy.forget("late");
    EXPECT_EQ(policy.next_look(), mono_never);
}

TEST(IntakePolicy, ForgetsWhatAWholeScanHasNotSeen)
{
    intake_policy policy(2s, 2);
    policy.begin_round();
    static_cast<void>(policy.look(file_named("stays"), t0));
    static_cast<void>(policy.look(file_named("goes"), t0));
    policy.begin_round();
    static_cast<void>(policy.look(file_named("stays"), t0 + 1s));
    policy.forget_unseen();
    EXPECT_FALSE(policy.is_full());
    EXPECT_EQ(policy.due(t0 + 9s, 9), (std::vector<std::string>{"stays"}));
}

}  // namespace
}  // namespace reaper
