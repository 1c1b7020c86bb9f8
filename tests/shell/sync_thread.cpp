// The helper thread that syncs: what it is given comes back on the loop, in order, or not at all.

#include "reaper/daemon/sync_thread.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>
#include <vector>

namespace reaper {
namespace {

using namespace test;

shared_fd opened(const std::string& path)
{
    return std::make_shared<const unique_fd>(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)
    );
}

TEST(SyncThread, AnswersComeOnTheLoopInTheOrderOfTheCalls)
{
    const temp_dir dir;
    boost::asio::io_context loop{1};
    sync_thread syncs(loop);
    std::vector<int> order;
    const auto file = opened(dir / "a");
    for (int i = 0; i < 20; ++i)
        syncs.sync(file, [&, i, here = std::this_thread::get_id()](int error) {
            EXPECT_EQ(error, 0);
            EXPECT_EQ(std::this_thread::get_id(), here);
            order.push_back(i);
        });
    EXPECT_TRUE(order.empty()) << "none before the loop runs";
    loop.run();
    ASSERT_EQ(order.size(), 20u) << "the loop does not return while one is owed";
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(SyncThread, AFailureIsGivenBack)
{
    boost::asio::io_context loop{1};
    sync_thread syncs(loop);
    int given = 0;
    // Nothing to sync: a pipe has no disk.
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    const unique_fd other(ends[0]);
    syncs.sync(std::make_shared<const unique_fd>(ends[1]), [&](int error) { given = error; });
    loop.run();
    EXPECT_EQ(given, EINVAL);
}

TEST(SyncThread, TheFileStaysOpenForItAlthoughItsOwnerHasClosedIt)
{
    const temp_dir dir;
    boost::asio::io_context loop{1};
    sync_thread syncs(loop);
    std::optional<int> given;
    auto file = opened(dir / "a");
    syncs.sync(file, [&](int error) { given = error; });
    file.reset();
    loop.run();
    EXPECT_EQ(given, 0);
}

TEST(SyncThread, OneThatIsOwedAtItsEndIsNotHeardOfAgain)
{
    const temp_dir dir;
    boost::asio::io_context loop{1};
    int heard = 0;
    {
        sync_thread syncs(loop);
        const auto file = opened(dir / "a");
        for (int i = 0; i < 50; ++i)
            syncs.sync(file, [&](int) { ++heard; });
    }
    EXPECT_EQ(heard, 0);
}

}  // namespace
}  // namespace reaper
