// The rules of disk_tree.hpp, through the calls that the daemon makes.

#include "sim/disk_model.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <set>
#include <string>

namespace reaper::test {

namespace {

// Names below /sim, contents in brackets, as a power cut left them: "a:[x] b:".
std::string shown(const disk_model& disk, const std::string& path = "/sim")
{
    std::string text;
    for (const auto& name : disk.list(path)) {
        const auto below = path + "/" + name;
        text += (text.empty() ? "" : " ") + name + ":";
        text += disk.list(below).empty() ? disk.read_file(below) : "(" + shown(disk, below) + ")";
    }
    return text;
}

std::set<std::string> outcomes(
    const std::function<void(disk_model&)>& script,
    survival how = survival::mixed,
    std::optional<name_order> order = std::nullopt
)
{
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        disk_model disk({.seed = seed});
        disk.make_directories("/sim/a");
        disk.make_directories("/sim/b");
        const auto active = disk.activate();
        script(disk);
        disk.crash(how, order);
        seen.insert(shown(disk));
    }
    return seen;
}

void sync_directory(const char* path)
{
    const int file = ::open(path, O_RDONLY | O_DIRECTORY);
    ASSERT_EQ(::fsync(file), 0);
    ::close(file);
}

void rename(const char* from, const char* to)
{
    ASSERT_EQ(::rename(from, to), 0);
}

}  // namespace

TEST(DiskNames, UnsyncedRenameMayBeLostButNeverBothNames)
{
    const auto script = [](disk_model& disk) {
        disk.put_file("/sim/a/old", "x", durability::at_once);
        rename("/sim/a/old", "/sim/b/new");
    };
    EXPECT_EQ(outcomes(script), (std::set<std::string>{"a:(old:x) b:", "a: b:(new:x)"}));
    EXPECT_EQ(outcomes(script, survival::lost), (std::set<std::string>{"a:(old:x) b:"}));
    EXPECT_EQ(outcomes(script, survival::kept), (std::set<std::string>{"a: b:(new:x)"}));
}

TEST(DiskNames, RenameOverAFileLeavesOneOfBoth)
{
    const auto seen = outcomes([](disk_model& disk) {
        disk.put_file("/sim/a/f", "old", durability::at_once);
        disk.put_file("/sim/a/t", "new", durability::at_once);
        rename("/sim/a/t", "/sim/a/f");
    });
    EXPECT_EQ(seen, (std::set<std::string>{"a:(f:old t:new) b:", "a:(f:new) b:"}));
}

TEST(DiskNames, SyncOfEitherDirectoryKeepsARename)
{
    for (const char* synced : {"/sim/a", "/sim/b"}) {
        const auto seen = outcomes(
            [&](disk_model& disk) {
                disk.put_file("/sim/a/old", "x", durability::at_once);
                rename("/sim/a/old", "/sim/b/new");
                sync_directory(synced);
            },
            survival::lost
        );
        EXPECT_EQ(seen, (std::set<std::string>{"a: b:(new:x)"})) << synced;
    }
}

TEST(DiskNames, SyncOfADirectoryBringsWhatItsStepsNeed)
{
    const auto seen = outcomes(
        [](disk_model& disk) {
            disk.put_file("/sim/a/f", "");
            rename("/sim/a/f", "/sim/b/f");
            sync_directory("/sim/b");
        },
        survival::lost
    );
    EXPECT_EQ(seen, (std::set<std::string>{"a: b:(f:)"}));
}

TEST(DiskNames, SyncOfAFileDoesNotKeepItsName)
{
    const auto seen = outcomes([](disk_model&) {
        const int file = ::open("/sim/a/f", O_WRONLY | O_CREAT, 0600);
        ASSERT_EQ(::write(file, "x", 1), 1);
        ASSERT_EQ(::fsync(file), 0);
    });
    EXPECT_EQ(seen, (std::set<std::string>{"a: b:", "a:(f:x) b:"}));
}

TEST(DiskNames, UnsyncedRemovalMayComeBack)
{
    const auto seen = outcomes([](disk_model& disk) {
        disk.put_file("/sim/a/f", "x", durability::at_once);
        ASSERT_EQ(::unlink("/sim/a/f"), 0);
    });
    EXPECT_EQ(seen, (std::set<std::string>{"a: b:", "a:(f:x) b:"}));
}

TEST(DiskNames, OneJournalKeepsABeginning)
{
    const auto script = [](disk_model&) {
        ASSERT_EQ(::mkdir("/sim/a/1", 0700), 0);
        ASSERT_EQ(::mkdir("/sim/b/2", 0700), 0);
    };
    EXPECT_EQ(
        outcomes(script, survival::mixed, name_order::in_order),
        (std::set<std::string>{"a: b:", "a:(1:) b:", "a:(1:) b:(2:)"})
    );
    EXPECT_EQ(
        outcomes(script, survival::mixed, name_order::by_directory),
        (std::set<std::string>{"a: b:", "a:(1:) b:", "a: b:(2:)", "a:(1:) b:(2:)"})
    );
}

TEST(DiskNames, OneJournalHasAllBeforeADurableStep)
{
    const auto script = [](disk_model&) {
        ASSERT_EQ(::mkdir("/sim/a/1", 0700), 0);
        ASSERT_EQ(::mkdir("/sim/b/2", 0700), 0);
        sync_directory("/sim/b");
    };
    EXPECT_EQ(
        outcomes(script, survival::mixed, name_order::in_order),
        (std::set<std::string>{"a:(1:) b:(2:)"})
    );
    EXPECT_EQ(
        outcomes(script, survival::mixed, name_order::by_directory),
        (std::set<std::string>{"a: b:(2:)", "a:(1:) b:(2:)"})
    );
}

TEST(DiskNames, OneDirectoryKeepsItsOrderWhereDirectoriesDo)
{
    const auto script = [](disk_model&) {
        ASSERT_EQ(::mkdir("/sim/a/1", 0700), 0);
        ASSERT_EQ(::mkdir("/sim/a/2", 0700), 0);
    };
    EXPECT_FALSE(outcomes(script, survival::mixed, name_order::by_directory).contains("a:(2:) b:"));
    EXPECT_TRUE(outcomes(script, survival::mixed, name_order::by_name).contains("a:(2:) b:"));
}

TEST(DiskNames, StepsOnOneNameKeepTheirOrder)
{
    const auto script = [](disk_model& disk) {
        disk.put_file("/sim/a/f", "1", durability::at_once);
        rename("/sim/a/f", "/sim/a/g");
        rename("/sim/a/g", "/sim/a/h");
    };
    EXPECT_EQ(
        outcomes(script, survival::mixed, name_order::by_name),
        (std::set<std::string>{"a:(f:1) b:", "a:(g:1) b:", "a:(h:1) b:"})
    );
}

TEST(DiskNames, OrderOfAListingIsOfTheSeedAndTheNames)
{
    const auto listed = [](std::uint64_t seed) {
        disk_model disk({.seed = seed});
        for (const char* name : {"/sim/1", "/sim/2", "/sim/3", "/sim/4"})
            disk.put_file(name, "");
        const auto active = disk.activate();
        DIR* const stream = ::fdopendir(::open("/sim", O_RDONLY | O_DIRECTORY));
        std::string names;
        while (const dirent* entry = ::readdir(stream))
            names += std::string(&entry->d_name[0]) + " ";
        ::closedir(stream);
        EXPECT_EQ(disk.open_files(), 0U);
        return names;
    };
    EXPECT_EQ(listed(1), listed(1));
    EXPECT_NE(listed(1), listed(2));
    EXPECT_EQ(listed(1).size(), std::string("1 2 3 4 . .. ").size());
}

}  // namespace reaper::test
