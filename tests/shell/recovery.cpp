// Recovery reads what is there, and makes nothing anew over what is lost.

#include "reaper/app/recovery.hpp"

#include "reaper/core/journal_codec.hpp"
#include "reaper/io/mark_file.hpp"
#include "support/intake_rig.hpp"

#include <sys/resource.h>

namespace reaper::test {
namespace {

// A job of three tokens, taken in; its id.
std::string taken_job(intake_rig& rig)
{
    rig.rename_in("job.txt", token_lines(3));
    rig.settle();
    return rig.events.taken.at(0).manifest.id;
}

// Leaves as many free descriptors as said.
class few_descriptors
{
public:
    explicit few_descriptors(int free)
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(0);
        ::close(next);
        const rlimit few{static_cast<rlim_t>(next + free), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }

    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;

private:
    rlimit before_{};
};

TEST(Recovery, AJobThatFitsIsNotDamaged)
{
    intake_rig rig;
    const auto id = taken_job(rig);
    const auto job = recover_job(rig.paths(), id, {});
    ASSERT_TRUE(job);
    EXPECT_FALSE(job->damage);
    EXPECT_EQ(job->manifest.total, 3u);
}

TEST(Recovery, AMissingResultsLogHoldsTheJobAndIsNotMadeAnew)
{
    intake_rig rig;
    const auto id = taken_job(rig);
    const std::string log = rig.paths().active_job(id) + "/results.jsonl";
    std::filesystem::remove(log);
    const auto job = recover_job(rig.paths(), id, {});
    ASSERT_TRUE(job);
    ASSERT_TRUE(job->damage);
    EXPECT_NE(job->damage->sentence.find("results.jsonl"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(log));
}

TEST(Recovery, AMissingStateHoldsTheJob)
{
    intake_rig rig;
    const auto id = taken_job(rig);
    std::filesystem::remove(rig.paths().active_job(id) + "/state.json");
    const auto job = recover_job(rig.paths(), id, {});
    ASSERT_TRUE(job);
    EXPECT_TRUE(job->damage);
}

TEST(Recovery, WantOfDescriptorsIsNoDamageAndPasses)
{
    intake_rig rig;
    const auto id = taken_job(rig);
    for (const int free : {0, 1}) {
        const few_descriptors limit(free);
        const auto job = recover_job(rig.paths(), id, {});
        ASSERT_FALSE(job) << free;
        EXPECT_TRUE(may_pass(job.error())) << job.error().sentence;
    }
    const auto job = recover_job(rig.paths(), id, {});
    ASSERT_TRUE(job);
    EXPECT_FALSE(job->damage);
}

TEST(Recovery, WhatWasTriedOftenEnoughIsHeld)
{
    intake_rig rig;
    const auto id = taken_job(rig);
    const few_descriptors limit(1);  // the mark needs two
    const auto job = recover_job(rig.paths(), id, {.unreadable_is_damaged = true});
    ASSERT_TRUE(job);
    EXPECT_TRUE(job->damage);
}

// --- what a power cut leaves of results that were not synced

// A job of which some lines are no tokens, and so have records from the start; with more records
// behind them, and a mark that says how far the log was durable.
class half_done_job
{
public:
    half_done_job()
    {
        rig_.config.accounts["prod"].guards.max_invalid = 2;
        rig_.start();
        rig_.rename_in("job.txt", "no token\nneither\n" + token_lines(200));
        rig_.settle();
        id_ = rig_.events.taken.at(0).manifest.id;
        log_ = rig_.content(id_, "results.jsonl");
        intake_bytes_ = log_.size();
        for (std::uint64_t n = 3; n <= 100; ++n) {
            result_record record;
            record.n = record.line = n;
            record.token = token_number(static_cast<unsigned>(n - 2));
            record.status = 200;
            append_record(log_, record);
        }
    }

    [[nodiscard]] const std::string& log() const { return log_; }

    [[nodiscard]] std::size_t intake_bytes() const { return intake_bytes_; }

    [[nodiscard]] recovered_job recovered(
        const std::string& log, std::optional<std::uint64_t> durable
    )
    {
        const std::string directory = rig_.paths().active_job(id_);
        put_content(directory + "/results.jsonl", log);
        std::filesystem::remove(directory + "/mark");
        if (durable) {
            auto mark = mark_file::open(directory + "/mark");
            EXPECT_TRUE(mark && mark->write({.epoch = 1, .upto = 150, .durable_bytes = *durable}));
        }
        auto job = recover_job(rig_.paths(), id_, {});
        EXPECT_TRUE(job);
        left_ = content_of(directory + "/results.jsonl");
        return std::move(*job);
    }

    // Of the file, after recovery.
    [[nodiscard]] const std::string& left() const { return left_; }

private:
    intake_rig rig_;
    std::string id_;
    std::string log_;
    std::string left_;
    std::size_t intake_bytes_ = 0;
};

std::string with_hole(std::string log, std::size_t from, std::size_t upto)
{
    std::fill(
        log.begin() + static_cast<std::ptrdiff_t>(from),
        log.begin() + static_cast<std::ptrdiff_t>(upto),
        '\0'
    );
    return log;
}

std::size_t last_line_end(std::string_view log, std::size_t upto)
{
    return log.substr(0, upto).rfind('\n') + 1;
}

TEST(RecoveryHoles, AHoleInWhatWasNotSyncedIsCutOffWithAllBehindIt)
{
    half_done_job job;
    const std::size_t size = job.log().size();
    for (const std::size_t from : {job.intake_bytes(), size / 3, size / 2}) {
        for (const std::size_t bytes : {1u, 512u, 4096u}) {
            const auto hole = with_hole(job.log(), from, from + bytes);
            const std::size_t cut = last_line_end(job.log(), from);
            for (const auto durable : {std::optional<std::uint64_t>(), std::optional(cut)}) {
                const auto found = job.recovered(hole, durable);
                EXPECT_FALSE(found.damage) << from << ' ' << bytes;
                EXPECT_EQ(found.durable_bytes, cut);
                EXPECT_EQ(job.left(), job.log().substr(0, cut));
            }
        }
    }
}

TEST(RecoveryHoles, AHoleInWhatTheMarkSaysWasDurableHoldsTheJob)
{
    half_done_job job;
    const std::size_t from = job.log().size() / 2;
    const auto hole = with_hole(job.log(), from, from + 512);
    const auto found = job.recovered(hole, last_line_end(job.log(), from) + 1);
    ASSERT_TRUE(found.damage);
    EXPECT_NE(found.damage->sentence.find("no record"), std::string::npos);
    EXPECT_EQ(job.left(), hole) << "nothing is cut";
}

TEST(RecoveryHoles, AHoleInWhatWasWrittenWhenTheFileWasTakenHoldsTheJob)
{
    half_done_job job;
    const auto hole = with_hole(job.log(), job.intake_bytes() - 10, job.intake_bytes() + 10);
    EXPECT_TRUE(job.recovered(hole, std::nullopt).damage);
    EXPECT_EQ(job.left(), hole);
}

TEST(RecoveryHoles, DamageWithoutNulsHoldsTheJobWhereverItIs)
{
    half_done_job job;
    std::string damaged = job.log();
    damaged[job.log().size() / 2] = '#';
    damaged[last_line_end(job.log(), job.log().size() / 2)] = '#';
    EXPECT_TRUE(job.recovered(damaged, std::nullopt).damage);
    EXPECT_EQ(job.left(), damaged);
}

TEST(RecoveryHoles, ALogThatIsShorterThanWhatWasDurableHoldsTheJob)
{
    half_done_job job;
    const std::size_t durable = last_line_end(job.log(), job.log().size() / 2);
    EXPECT_FALSE(job.recovered(job.log().substr(0, durable), durable).damage);
    for (const std::size_t missing : {1u, 300u}) {
        const auto found = job.recovered(job.log().substr(0, durable - missing), durable);
        ASSERT_TRUE(found.damage) << missing;
        EXPECT_NE(found.damage->sentence.find("were durable"), std::string::npos);
        EXPECT_EQ(job.left().size(), durable - missing) << "nothing is cut";
    }
}

}  // namespace
}  // namespace reaper::test
