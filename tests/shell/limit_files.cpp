// What is known of a limit, on disk: durably or soon, and as older versions wrote it.

#include "reaper/io/limit_files.hpp"

#include "reaper/base/text.hpp"
#include "reaper/io/spool_state.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cerrno>
#include <deque>
#include <filesystem>
#include <utility>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using test::content_of;
using test::put_content;
using test::temp_dir;

// Syncs when it is told to.
class patient_syncer final : public syncer
{
public:
    void sync(shared_fd file, ended then) override
    {
        asked_.emplace_back(std::move(file), std::move(then));
    }

    void finish_one(int error = 0)
    {
        const auto [file, then] = std::move(asked_.front());
        asked_.pop_front();
        then(error);
    }

    [[nodiscard]] std::size_t waiting() const { return asked_.size(); }

private:
    std::deque<std::pair<shared_fd, ended>> asked_;
};

struct limit_rig
{
    limit_rig() { std::filesystem::create_directories(paths.limits); }

    [[nodiscard]] std::optional<double> stored_pace() const
    {
        const auto read = read_limit(paths, "key-1");
        return read && *read ? (*read)->pace_per_s : std::nullopt;
    }

    [[nodiscard]] static limit_state in_use(double pace_per_s)
    {
        limit_state state;
        state.id = "key-1";
        state.boot_id = "boot";
        state.pace_per_s = pace_per_s;
        return state;
    }

    temp_dir dir;
    spool_paths paths{dir.path()};
    limit_files files{paths};
    patient_syncer syncs;
};

TEST(LimitFiles, ANoteIsThereOnceItIsSynced)
{
    limit_rig rig;
    ASSERT_TRUE(rig.files.store(limit_rig::in_use(10)));
    rig.files.note(limit_rig::in_use(20), rig.syncs);
    EXPECT_EQ(rig.stored_pace(), 10);
    rig.syncs.finish_one();
    EXPECT_EQ(rig.stored_pace(), 20);
    struct stat about = {};
    ASSERT_EQ(::stat(limit_path(rig.paths, "key-1").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0600U);
}

TEST(LimitFiles, ANoteNeverTakesThePlaceOfWhatIsStoredAfterIt)
{
    limit_rig rig;
    ASSERT_TRUE(rig.files.store(limit_rig::in_use(10)));
    rig.files.note(limit_rig::in_use(20), rig.syncs);
    limit_state stopped = limit_rig::in_use(30);
    stopped.clean = true;
    ASSERT_TRUE(rig.files.store(stopped));
    rig.syncs.finish_one();
    EXPECT_EQ(rig.stored_pace(), 30);
    EXPECT_TRUE((*read_limit(rig.paths, "key-1"))->clean);
}

TEST(LimitFiles, OfTwoNotesUnderWayTheNewerIsPublished)
{
    limit_rig rig;
    rig.files.note(limit_rig::in_use(20), rig.syncs);
    rig.files.note(limit_rig::in_use(40), rig.syncs);
    rig.syncs.finish_one();
    EXPECT_EQ(rig.stored_pace(), std::nullopt);
    rig.syncs.finish_one();
    EXPECT_EQ(rig.stored_pace(), 40);
}

TEST(LimitFiles, ANoteThatCannotBeSyncedOrWrittenLeavesWhatWasThere)
{
    limit_rig rig;
    ASSERT_TRUE(rig.files.store(limit_rig::in_use(10)));
    rig.files.note(limit_rig::in_use(20), rig.syncs);
    rig.syncs.finish_one(EIO);
    EXPECT_EQ(rig.stored_pace(), 10);
    std::filesystem::rename(rig.paths.limits, rig.dir / "elsewhere");
    rig.files.note(limit_rig::in_use(30), rig.syncs);
    EXPECT_EQ(rig.syncs.waiting(), 0U);
}

// Both as version 0.1.0 wrote them, before it knew of bursts and windows: in use, and after a
// clean stop with a pace.
TEST(LimitFiles, FilesOfTheFirstVersionAreStillRead)
{
    limit_rig rig;
    put_content(limit_path(rig.paths, "key-f88d198131b27645"), R"({
  "format": 1,
  "id": "key-f88d198131b27645",
  "boot_id": "50674570-4d2b-4ae1-bcb3-890232a3b4b4",
  "clean": false,
  "shut_until_ns": 0
}
)");
    auto read = read_limit(rig.paths, "key-f88d198131b27645");
    ASSERT_TRUE(read && *read) << read.error().sentence;
    EXPECT_FALSE((*read)->clean);
    EXPECT_EQ((*read)->pace_per_s, std::nullopt);

    put_content(limit_path(rig.paths, "key-f88d198131b27645"), R"({
  "format": 1,
  "id": "key-f88d198131b27645",
  "boot_id": "50674570-4d2b-4ae1-bcb3-890232a3b4b4",
  "clean": true,
  "shut_until_ns": 0,
  "pace_per_s": 42.5,
  "pace_at": "2026-11-25T23:58:37.009Z"
}
)");
    read = read_limit(rig.paths, "key-f88d198131b27645");
    ASSERT_TRUE(read && *read) << read.error().sentence;
    EXPECT_TRUE((*read)->clean);
    EXPECT_EQ((*read)->boot_id, "50674570-4d2b-4ae1-bcb3-890232a3b4b4");
    EXPECT_EQ((*read)->pace_per_s, 42.5);
    EXPECT_EQ((*read)->pace_at.time_since_epoch(), 1795651117009ms);
    EXPECT_EQ((*read)->burst_s, 1);
    EXPECT_EQ((*read)->window_s, 0);
}

}  // namespace
}  // namespace reaper
