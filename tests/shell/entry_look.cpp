// One look at a directory entry, on real files.

#include "reaper/io/entry_look.hpp"

#include "reaper/io/file_ops.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace reaper::test {
namespace {

constexpr uid_t nobody = 65534;

bool as_nobody(const std::function<bool()>& body)
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(::setgid(nobody) == 0 && ::setuid(nobody) == 0 && body() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct look_rig
{
    look_rig() : directory(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY))
    {
        ::chmod(dir.path().c_str(), 0755);
        put_content(dir / "a.txt", "content");
    }

    temp_dir dir;
    unique_fd directory;
};

TEST(EntryLook, TellsWhatAFileIs)
{
    look_rig rig;
    const auto facts = look_at(rig.directory.get(), "a.txt");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->name, "a.txt");
    EXPECT_EQ(facts->kind, file_kind::regular);
    EXPECT_EQ(facts->links, 1u);
    EXPECT_EQ(facts->size, 7u);
    EXPECT_GT(facts->modified_ns, 1'000'000'000'000'000'000);
    EXPECT_EQ(facts->owner, ::getuid());
    EXPECT_TRUE(facts->readable);
    EXPECT_FALSE(facts->renamed_in);
    EXPECT_FALSE(look_at(rig.directory.get(), "none"));
}

TEST(EntryLook, TellsWhetherSomebodyHasItOpenForWriting)
{
    look_rig rig;
    EXPECT_EQ(look_at(rig.directory.get(), "a.txt")->open_by, writers::none);
    {
        const unique_fd reader{::open((rig.dir / "a.txt").c_str(), O_RDONLY)};
        EXPECT_EQ(look_at(rig.directory.get(), "a.txt")->open_by, writers::none);
    }
    const unique_fd writer{::open((rig.dir / "a.txt").c_str(), O_WRONLY)};
    EXPECT_EQ(look_at(rig.directory.get(), "a.txt")->open_by, writers::some);
}

TEST(EntryLook, LeavesNoLeaseThatWouldHinderAWriter)
{
    look_rig rig;
    static_cast<void>(look_at(rig.directory.get(), "a.txt"));
    const unique_fd writer{::open((rig.dir / "a.txt").c_str(), O_WRONLY | O_NONBLOCK)};
    EXPECT_TRUE(writer);
}

TEST(EntryLook, IsToldNothingOfOtherPeoplesFilesWithoutTheRightToAsk)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs to become another user";
    look_rig rig;
    ::chmod((rig.dir / "a.txt").c_str(), 0644);
    const unique_fd writer{::open((rig.dir / "a.txt").c_str(), O_WRONLY)};
    EXPECT_TRUE(as_nobody([&] {
        const auto facts = look_at(rig.directory.get(), "a.txt");
        return facts && facts->readable && facts->open_by == writers::untold;
    }));
}

TEST(EntryLook, TellsWhatItMayNotRead)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs to become another user";
    look_rig rig;
    ::chmod((rig.dir / "a.txt").c_str(), 0600);
    EXPECT_TRUE(as_nobody([&] {
        const auto facts = look_at(rig.directory.get(), "a.txt");
        return facts && !facts->readable;
    }));
}

TEST(EntryLook, DoesNotWaitForTheOtherEndOfAFifoNorFollowALink)
{
    look_rig rig;
    ASSERT_EQ(::mkfifo((rig.dir / "fifo").c_str(), 0600), 0);
    ASSERT_EQ(::symlink("a.txt", (rig.dir / "link").c_str()), 0);
    EXPECT_EQ(look_at(rig.directory.get(), "fifo")->kind, file_kind::fifo);
    EXPECT_EQ(look_at(rig.directory.get(), "link")->kind, file_kind::symlink);
    EXPECT_EQ(look_at(rig.directory.get(), "../")->kind, file_kind::directory);
}

TEST(OwnerName, IsTheNumberWhereThereIsNoName)
{
    EXPECT_EQ(owner_name(0), "root");
    EXPECT_EQ(owner_name(3'999'999'999u), "3999999999");
}

}  // namespace
}  // namespace reaper::test
