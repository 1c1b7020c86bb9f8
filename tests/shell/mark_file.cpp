#include "reaper/io/mark_file.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace reaper {
namespace {

using namespace test;

TEST(MarkFile, IsMadeEmptyAndKeepsWhatIsWritten)
{
    const temp_dir dir;
    {
        auto file = mark_file::open(dir / "mark");
        ASSERT_TRUE(file) << file.error().sentence;
        EXPECT_FALSE(file->reading().mark);
        for (std::uint64_t upto = 1; upto <= 5; ++upto) {
            const send_mark mark{.epoch = 1, .upto = upto, .durable_bytes = 100 * upto};
            ASSERT_TRUE(file->write(mark));
            EXPECT_EQ(file->reading().mark, mark);
            // Whoever reads it now, after a crash, finds the same.
            EXPECT_EQ(mark_file::open(dir / "mark")->reading().mark, file->reading().mark);
        }
    }
    EXPECT_EQ(content_of(dir / "mark").size(), mark_file_bytes);
    struct stat about = {};
    ASSERT_EQ(::stat((dir / "mark").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0027u, 0u) << "others may not read it, the group not write it";
}

TEST(MarkFile, AWriteTornAtAnyByteLeavesTheMarkBefore)
{
    const temp_dir dir;
    const std::string path = dir / "mark";
    std::string before;
    {
        auto file = mark_file::open(path);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->write({.epoch = 1, .upto = 10, .durable_bytes = 0}));
        ASSERT_TRUE(file->write({.epoch = 1, .upto = 20, .durable_bytes = 7}));
        before = content_of(path);
        ASSERT_TRUE(file->write({.epoch = 1, .upto = 30, .durable_bytes = 8}));
    }
    const std::string after = content_of(path);
    for (std::size_t written = 0; written < mark_slot_bytes; ++written) {
        put_content(path, after.substr(0, written) + before.substr(written));
        auto torn = mark_file::open(path);
        ASSERT_TRUE(torn);
        const auto differs = after.substr(written, mark_slot_bytes - written) !=
                             before.substr(written, mark_slot_bytes - written);
        const std::uint64_t expected = differs ? 20 : 30;
        ASSERT_TRUE(torn->reading().mark);
        EXPECT_EQ(torn->reading().mark->upto, expected) << written;

        // And the torn slot is the one that is written next.
        ASSERT_TRUE(torn->write({.epoch = 1, .upto = 40, .durable_bytes = 9}));
        EXPECT_EQ(mark_file::open(path)->reading().mark->upto, 40u);
    }
}

TEST(MarkFile, FollowsNoLinkAndNamesThePath)
{
    const temp_dir dir;
    put_content(dir / "other", "");
    ASSERT_EQ(::symlink((dir / "other").c_str(), (dir / "mark").c_str()), 0);
    const auto file = mark_file::open(dir / "mark");
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().sentence.find(dir / "mark"), std::string::npos);
    EXPECT_EQ(file.error().error_number, ELOOP);
}

}  // namespace
}  // namespace reaper
