// Opening a spool: the directories, the one daemon, and what a person is told when it cannot be.

#include "reaper/io/spool.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

namespace reaper::test {
namespace {

mode_t mode_of(const std::string& path)
{
    struct stat about = {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return about.st_mode & 0777;
}

// Runs `body` in a child and gives whether it was true there: for what changes a whole process.
bool in_child(const std::function<bool()>& body)
{
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(body() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Spool, MakesWhatIsMissingWithItsModesWhateverTheUmask)
{
    temp_dir dir;
    const auto before = ::umask(0077);
    const auto opened = open_spool_at(dir / "spool", {"prod"}, "1 here");
    ::umask(before);
    ASSERT_TRUE(opened) << opened.error().sentence;
    const auto& paths = opened->paths;
    EXPECT_EQ(mode_of(paths.incoming), 0770u);
    EXPECT_EQ(mode_of(paths.folder_of("prod")), 0770u);
    EXPECT_EQ(mode_of(paths.control), 0770u);
    for (const auto& path : {paths.active, paths.done, paths.rejected})
        EXPECT_EQ(mode_of(path), 0750u) << path;
    EXPECT_EQ(mode_of(paths.state), 0711u);
    EXPECT_EQ(mode_of(paths.state + "/lock"), 0600u);
    EXPECT_EQ(content_of(paths.state + "/lock"), "1 here\n");
    EXPECT_TRUE(opened->warnings.empty());
}

TEST(Spool, LeavesModesAsTheyAreAndReportsThem)
{
    temp_dir dir;
    static_cast<void>(open_spool_at(dir / "spool", {}, "1 here"));
    const spool_paths paths{dir / "spool"};
    ASSERT_EQ(::chmod(paths.active.c_str(), 0777), 0);
    const auto opened = open_spool_at(dir / "spool", {}, "1 here");
    ASSERT_TRUE(opened);
    EXPECT_EQ(mode_of(paths.active), 0777u);
    ASSERT_EQ(opened->warnings.size(), 1u);
    EXPECT_EQ(opened->warnings[0].path, paths.active);
    EXPECT_NE(opened->warnings[0].why.find("chmod 0750"), std::string::npos)
        << opened->warnings[0].why;
}

TEST(Spool, ASecondDaemonIsToldWhoHasIt)
{
    temp_dir dir;
    {
        const auto first = open_spool_at(dir / "spool", {}, "4711 somewhere");
        ASSERT_TRUE(first);
        const auto second = open_spool_at(dir / "spool", {}, "2 here");
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().error_number, EWOULDBLOCK);
        EXPECT_NE(second.error().sentence.find("4711 somewhere"), std::string::npos);
        EXPECT_EQ(content_of(dir / "spool/state/lock"), "4711 somewhere\n");
    }
    EXPECT_TRUE(open_spool_at(dir / "spool", {}, "2 here"));
}

TEST(Spool, TheLockOfAProcessThatDiedIsFree)
{
    temp_dir dir;
    EXPECT_TRUE(in_child([&] { return open_spool_at(dir / "spool", {}, "dead").has_value(); }));
    EXPECT_TRUE(open_spool_at(dir / "spool", {}, "alive"));
}

TEST(Spool, WhereNothingMayBeWrittenItNamesTheMend)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs to become another user";
    temp_dir dir;
    ASSERT_EQ(::chmod(dir.path().c_str(), 0755), 0);
    std::filesystem::create_directory(dir / "spool");
    EXPECT_TRUE(in_child([&] {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0)
            return false;
        const auto opened = open_spool_at(dir / "spool", {}, "1 here");
        return !opened && opened.error().sentence.find("chown") != std::string::npos;
    }));
}

TEST(Spool, TheParentOfTheSpoolIsNotMade)
{
    temp_dir dir;
    const auto opened = open_spool_at(dir / "not/there", {}, "1 here");
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().sentence.find("make it"), std::string::npos);
}

TEST(Spool, DirectoriesOnTwoFileSystemsAreRefused)
{
    temp_dir dir;
    static_cast<void>(open_spool_at(dir / "spool", {}, "1 here"));
    const auto done = dir / "spool/done";
    if (::mount("none", done.c_str(), "tmpfs", 0, "size=64k") != 0)
        GTEST_SKIP() << "may not mount";
    const auto opened = open_spool_at(dir / "spool", {}, "1 here");
    ::umount(done.c_str());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().sentence.find("one file system"), std::string::npos)
        << opened.error().sentence;
}

TEST(Spool, AReadOnlyFileSystemIsNamed)
{
    temp_dir dir;
    const auto spool = dir / "spool";
    std::filesystem::create_directory(spool);
    if (::mount("none", spool.c_str(), "tmpfs", 0, "size=64k") != 0)
        GTEST_SKIP() << "may not mount";
    static_cast<void>(open_spool_at(spool, {}, "1 here"));
    EXPECT_EQ(::mount("none", spool.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr), 0);
    const auto opened = open_spool_at(spool, {}, "1 here");
    ::umount(spool.c_str());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().sentence.find("read-write"), std::string::npos)
        << opened.error().sentence;
}

TEST(Spool, AFullDiskIsWaitedOut)
{
    temp_dir dir;
    const auto spool = dir / "spool";
    std::filesystem::create_directory(spool);
    if (::mount("none", spool.c_str(), "tmpfs", 0, "nr_inodes=16") != 0)
        GTEST_SKIP() << "may not mount";
    static_cast<void>(open_spool_at(spool, {}, "1 here"));
    for (int i = 0; i < 16; ++i)
        put_content(spool + "/fill" + std::to_string(i), "");
    const auto opened = open_spool_at(spool, {}, "1 here");
    const bool is_open = opened.has_value();
    const auto warnings = is_open ? opened->warnings.size() : 0;
    ::umount2(spool.c_str(), MNT_DETACH);
    ASSERT_TRUE(is_open) << opened.error().sentence;
    EXPECT_EQ(warnings, 1u);
}

TEST(Spool, AnAccountWhoseFolderCannotBeMadeIsReported)
{
    temp_dir dir;
    static_cast<void>(open_spool_at(dir / "spool", {}, "1 here"));
    put_content(dir / "spool/incoming/prod", "a file");
    const auto opened = open_spool_at(dir / "spool", {"prod", "other"}, "1 here");
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->warnings.size(), 1u);
    EXPECT_TRUE(opened->warnings[0].path.ends_with("/incoming/prod"));
    EXPECT_TRUE(std::filesystem::is_directory(dir / "spool/incoming/other"));
}

TEST(Spool, FindsAndListsJobsByTheirPlace)
{
    temp_dir dir;
    const auto opened = open_spool_at(dir / "spool", {}, "1 here");
    ASSERT_TRUE(opened);
    const auto& paths = opened->paths;
    const std::string older = "20261101T101500Z-a.txt-beef";
    const std::string newer = "20261102T101500Z-a.txt-beef";
    std::filesystem::create_directory(paths.active_job(newer));
    std::filesystem::create_directory(paths.active_job(older));
    std::filesystem::create_directory(paths.staging("20261103T101500Z-a.txt-beef"));
    put_content(paths.active + "/stray", "");
    EXPECT_EQ(*list_jobs(paths.active), (std::vector<std::string>{older, newer}));
    EXPECT_EQ(*list_staging(paths), (std::vector<std::string>{"20261103T101500Z-a.txt-beef"}));
    EXPECT_EQ(*find_job(paths, older), job_place::active);
    EXPECT_EQ(*find_job(paths, "20261103T101500Z-a.txt-beef"), job_place::nowhere);
}

TEST(Spool, AClaimTellsItsId)
{
    const std::string id = "20261101T101500Z-a.txt-beef";
    EXPECT_EQ(claimed_id(claim_name(id)), id);
    EXPECT_EQ(claimed_id(".x.claim"), "");
    EXPECT_EQ(claimed_id(id + ".claim"), "");
    EXPECT_EQ(claimed_id(".claim"), "");
}

}  // namespace
}  // namespace reaper::test
