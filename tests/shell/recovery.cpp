// Recovery reads what is there, and makes nothing anew over what is lost.

#include "reaper/app/recovery.hpp"

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

}  // namespace
}  // namespace reaper::test
