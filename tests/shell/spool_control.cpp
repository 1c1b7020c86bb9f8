// control/: what the commands ask of the daemon.

#include "reaper/io/control_files.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace reaper::test {
namespace {

const std::string id = "20261101T101500Z-a.txt-beef";

struct control_rig
{
    control_rig() : paths(dir.path()) { std::filesystem::create_directory(paths.control); }

    void put(const std::string& name, std::string_view text)
    {
        put_content(paths.control + "/" + name, text);
    }

    [[nodiscard]] std::string why_refused(std::string_view name) const
    {
        const auto scan = read_control(paths);
        for (const auto& problem : scan->refused) {
            if (problem.path.ends_with(name))
                return problem.why;
        }
        return {};
    }

    temp_dir dir;
    spool_paths paths;
};

TEST(Control, ReadsBackEveryOrderThatItWrites)
{
    for (const auto order :
         {job_order::hold, job_order::release, job_order::cancel, job_order::prioritize}) {
        control_rig rig;
        control_request request;
        request.job = id;
        request.order = order;
        request.by = "ada \"the\" first";
        if (order == job_order::release)
            request.holds = {1, 3};
        if (order == job_order::prioritize)
            request.prio = priority::urgent;
        ASSERT_TRUE(write_control(rig.paths, request));
        const auto scan = read_control(rig.paths);
        ASSERT_TRUE(scan);
        ASSERT_EQ(scan->requests.size(), 1u);
        const auto& read = scan->requests[0];
        EXPECT_EQ(read.path, rig.paths.control + "/" + id + "." + std::string(to_string(order)));
        EXPECT_EQ(read.job, id);
        EXPECT_EQ(read.order, order);
        EXPECT_EQ(read.by, request.by);
        EXPECT_EQ(read.holds, request.holds);
        EXPECT_EQ(read.prio, request.prio);
        EXPECT_GT(read.changed_ns, 0);
        EXPECT_TRUE(scan->refused.empty());
    }
}

TEST(Control, AppliesInTheOrderOfTheirCtimeWhateverTheirNames)
{
    control_rig rig;
    const auto tick = [&] {
        // Until the file system's clock has moved on: its ticks are some milliseconds.
        struct stat first = {};
        rig.put(".clock", "");
        ::stat((rig.paths.control + "/.clock").c_str(), &first);
        for (struct stat then = first; then.st_ctim.tv_sec == first.st_ctim.tv_sec &&
                                       then.st_ctim.tv_nsec == first.st_ctim.tv_nsec;) {
            rig.put(".clock", "");
            ::chmod((rig.paths.control + "/.clock").c_str(), 0600);
            ::stat((rig.paths.control + "/.clock").c_str(), &then);
        }
    };
    rig.put(id + ".release", R"({"by": "ada", "holds": [1]})");
    tick();
    rig.put(id + ".hold", R"({"by": "ada"})");
    tick();
    rig.put(id + ".cancel", R"({"by": "ada"})");
    const auto scan = read_control(rig.paths);
    ASSERT_EQ(scan->requests.size(), 3u);
    EXPECT_EQ(scan->requests[0].order, job_order::release);
    EXPECT_EQ(scan->requests[1].order, job_order::hold);
    EXPECT_EQ(scan->requests[2].order, job_order::cancel);
}

TEST(Control, LeavesWhatIsInTheMaking)
{
    control_rig rig;
    rig.put("." + id + ".hold.tmp", "{");
    const auto scan = read_control(rig.paths);
    EXPECT_TRUE(scan->requests.empty());
    EXPECT_TRUE(scan->refused.empty());
}

TEST(Control, RefusesWhatIsNoOrder)
{
    control_rig rig;
    rig.put(id + ".explode", "{}");
    rig.put("no-job.hold", "{}");
    rig.put(id + ".hold", "not json");
    rig.put(id + ".release", R"({"by": "ada"})");  // which holds did they see?
    rig.put(id + ".prioritize", R"({"priority": "first"})");
    std::filesystem::create_symlink("/etc/passwd", rig.paths.control + "/" + id + ".cancel");
    const auto scan = read_control(rig.paths);
    EXPECT_TRUE(scan->requests.empty());
    EXPECT_EQ(scan->refused.size(), 6u);
    EXPECT_NE(rig.why_refused(".explode").find("no order"), std::string::npos);
    EXPECT_NE(rig.why_refused(id + ".release").find("holds"), std::string::npos);
}

TEST(Control, AFifoIsNotWaitedFor)
{
    control_rig rig;
    ASSERT_EQ(::mkfifo((rig.paths.control + "/" + id + ".hold").c_str(), 0600), 0);
    EXPECT_NE(rig.why_refused(".hold"), "");
}

TEST(Control, KnowsWhoWantsALimit)
{
    control_rig rig;
    const std::string limit = "key-0123456789abcdef";
    put_content(want_path(rig.paths, limit), "");
    const auto scan = read_control(rig.paths);
    EXPECT_EQ(scan->wanted_limits, std::vector{limit});
    EXPECT_TRUE(scan->refused.empty());
}

TEST(Control, ARequestThatIsGoneIsRemoved)
{
    control_rig rig;
    rig.put(id + ".hold", "{}");
    const auto path = rig.paths.control + "/" + id + ".hold";
    EXPECT_TRUE(remove_control(path));
    EXPECT_TRUE(remove_control(path));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Control, AnOrderThatCannotBeReadNowIsNeitherRefusedNorOvertaken)
{
    control_rig rig;
    rig.put(id + ".hold", R"({"by": "ada"})");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    // Enough for the folder, not for what is in it.
    const rlimit few{static_cast<rlim_t>(next) + 1, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    const auto starved = read_control(rig.paths);
    ::setrlimit(RLIMIT_NOFILE, &before);
    ASSERT_FALSE(starved);
    EXPECT_EQ(starved.error().error_number, EMFILE);
    EXPECT_EQ(read_control(rig.paths)->requests.size(), 1u);
}

}  // namespace
}  // namespace reaper::test
