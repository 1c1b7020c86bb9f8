// inotify: prompt where it works, and honest where it does not.

#include "reaper/io/spool_watch.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

struct watch_rig
{
    watch_rig() : paths(dir.path())
    {
        for (const auto& path : {paths.folder_of("prod"), paths.folder_of("other"), paths.control})
            std::filesystem::create_directories(path);
        watch = std::make_unique<spool_watch>(io, paths, [this](const watch_event& event) {
            events.push_back(event);
        });
        watch->watch({"prod", "other"});
    }

    // Runs the loop until there is such an event; the bound is for a test that fails.
    bool sees(watch_event::what is, const std::string& account, const std::string& name)
    {
        const auto seen = [&] {
            return std::any_of(events.begin(), events.end(), [&](const watch_event& event) {
                return event.is == is && event.account == account && event.name == name;
            });
        };
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (!seen() && std::chrono::steady_clock::now() < end) {
            io.restart();
            io.run_one_for(100ms);
        }
        return seen();
    }

    void rename_in(const std::string& folder, const std::string& name)
    {
        put_content(dir / "outside", "x");
        std::filesystem::rename(dir / "outside", folder + "/" + name);
    }

    temp_dir dir;
    spool_paths paths;
    boost::asio::io_context io{1};
    std::vector<watch_event> events;
    std::unique_ptr<spool_watch> watch;
};

TEST(SpoolWatch, TellsARenameFromAFileThatWasWritten)
{
    watch_rig rig;
    rig.rename_in(rig.paths.incoming, "renamed.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "", "renamed.txt"));
    rig.events.clear();
    put_content(rig.paths.incoming + "/written.txt", "x");
    EXPECT_TRUE(rig.sees(watch_event::what::changed, "", "written.txt"));
    EXPECT_FALSE(std::any_of(rig.events.begin(), rig.events.end(), [](const watch_event& event) {
        return event.is == watch_event::what::renamed_in;
    }));
}

TEST(SpoolWatch, TellsWhoseFolderItIs)
{
    watch_rig rig;
    rig.rename_in(rig.paths.folder_of("prod"), "a.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "prod", "a.txt"));
    rig.rename_in(rig.paths.folder_of("other"), "two\nlines.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "other", "two\nlines.txt"));
}

TEST(SpoolWatch, TellsOfControl)
{
    watch_rig rig;
    rig.rename_in(rig.paths.control, "x.hold");
    EXPECT_TRUE(rig.sees(watch_event::what::control, "", "x.hold"));
}

TEST(SpoolWatch, SaysNothingOfHiddenFiles)
{
    watch_rig rig;
    rig.rename_in(rig.paths.incoming, ".x.claim");
    rig.rename_in(rig.paths.incoming, "after.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "", "after.txt"));
    for (const auto& event : rig.events)
        EXPECT_EQ(event.name, "after.txt");
}

TEST(SpoolWatch, AFolderThatIsReplacedIsWatchedAgain)
{
    watch_rig rig;
    std::filesystem::remove(rig.paths.folder_of("prod"));
    EXPECT_TRUE(rig.sees(watch_event::what::rescan, "", ""));
    std::filesystem::create_directory(rig.paths.folder_of("prod"));
    rig.watch->watch({"prod", "other"});
    EXPECT_EQ(rig.watch->trouble(), "");
    rig.rename_in(rig.paths.folder_of("prod"), "a.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "prod", "a.txt"));
}

TEST(SpoolWatch, AFolderThatIsMissingIsSaidAndTheOthersWork)
{
    watch_rig rig;
    rig.watch->watch({"prod", "missing"});
    EXPECT_NE(rig.watch->trouble().find("missing"), std::string::npos);
    rig.rename_in(rig.paths.folder_of("prod"), "a.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "prod", "a.txt"));
    // `other` is no account any more.
    rig.rename_in(rig.paths.folder_of("other"), "b.txt");
    rig.rename_in(rig.paths.incoming, "last.txt");
    EXPECT_TRUE(rig.sees(watch_event::what::renamed_in, "", "last.txt"));
    for (const auto& event : rig.events)
        EXPECT_NE(event.account, "other");
}

TEST(SpoolWatch, WithoutDescriptorsItSaysSoAndTriesAgain)
{
    temp_dir dir;
    spool_paths paths{dir.path()};
    std::filesystem::create_directories(paths.incoming);
    std::filesystem::create_directories(paths.control);
    boost::asio::io_context io{1};
    spool_watch watch(io, paths, [](const watch_event&) {});
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    watch.watch({});
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_NE(watch.trouble().find("polled"), std::string::npos);
    watch.watch({});
    EXPECT_EQ(watch.trouble(), "");
}

TEST(SpoolWatch, StoppedFromItsHandlerItSaysNoMore)
{
    watch_rig rig;
    int calls = 0;
    rig.watch.reset();
    std::unique_ptr<spool_watch> watch;
    watch = std::make_unique<spool_watch>(rig.io, rig.paths, [&](const watch_event&) {
        ++calls;
        watch->stop();
    });
    watch->watch({});
    rig.rename_in(rig.paths.incoming, "a.txt");
    rig.rename_in(rig.paths.incoming, "b.txt");
    rig.io.restart();
    rig.io.run_for(10s);  // returns at once: nothing is left to wait for
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace reaper::test
