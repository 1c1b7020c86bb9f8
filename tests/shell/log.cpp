#include "reaper/rt/log.hpp"

#include "reaper/rt/warning_folder.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace reaper {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h + 5ms;

std::string line_as(
    log_format format,
    std::string_view sentence,
    std::initializer_list<log_field> fields,
    const std::vector<std::string>& secrets = {},
    log_level level = log_level::info
)
{
    return render_log_line(
        format, level, noon, sentence, std::span(fields.begin(), fields.size()), secrets
    );
}

TEST(LogLine, IsForPeopleAsText)
{
    EXPECT_EQ(
        line_as(
            log_format::text, "job taken in", {{"job", "a-1"}, {"tokens", 5}, {"dry_run", false}}
        ),
        "2026-11-22T12:00:00.005Z info     job taken in  job=a-1 tokens=5 dry_run=false"
    );
    EXPECT_EQ(
        line_as(
            log_format::text, "x", {{"a", "two words"}, {"b", ""}, {"c", "q\"q"}, {"d", "k=v"}}
        ),
        "2026-11-22T12:00:00.005Z info     x  a=\"two words\" b=\"\" c=\"q\\\"q\" d=\"k=v\""
    );
    EXPECT_EQ(
        line_as(log_format::text, "x", {}, {}, log_level::warning),
        "2026-11-22T12:00:00.005Z warning  x"
    );
}

TEST(LogLine, CarriesThePriorityForTheJournal)
{
    EXPECT_EQ(line_as(log_format::journal, "x", {{"a", 1}}), "<6>x  a=1");
    EXPECT_EQ(line_as(log_format::journal, "x", {}, {}, log_level::debug), "<7>x");
    EXPECT_EQ(line_as(log_format::journal, "x", {}, {}, log_level::warning), "<4>x");
    EXPECT_EQ(line_as(log_format::journal, "x", {}, {}, log_level::error), "<3>x");
}

TEST(LogLine, IsOneJsonObject)
{
    const std::string line = line_as(
        log_format::json,
        "the \"disk\"\nis full",
        {{"path", "/a b\\c"},
         {"free", 1.5},
         {"n", std::numeric_limits<std::uint64_t>::max()},
         {"less", -3},
         {"no", false},
         {"nan", std::numeric_limits<double>::quiet_NaN()}}
    );
    const boost::json::object read = boost::json::parse(line).as_object();
    EXPECT_EQ(read.at("ts"), "2026-11-22T12:00:00.005Z");
    EXPECT_EQ(read.at("level"), "info");
    EXPECT_EQ(read.at("event"), "the \"disk\"?is full");
    EXPECT_EQ(read.at("path"), "/a b\\c");
    EXPECT_EQ(read.at("free"), 1.5);
    EXPECT_EQ(read.at("n"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(read.at("less"), -3);
    EXPECT_EQ(read.at("no"), false);
    EXPECT_TRUE(read.at("nan").is_null());
}

TEST(LogLine, HoldsNoSecretAndNoLineEnd)
{
    const std::vector<std::string> secrets = {"SECRET-0123", "987654"};
    for (const log_format format : {log_format::text, log_format::journal, log_format::json}) {
        const std::string line = line_as(
            format,
            "GET /1.1/SECRET-0123/x\r\n",
            {{"url", "SECRET-0123SECRET-0123"}, {"number", 98765432}, {"esc", "\x1b[2J\xFF"}},
            secrets
        );
        EXPECT_EQ(line.find("SECRET"), line.npos) << line;
        EXPECT_EQ(line.find("98765"), line.npos) << line;
        EXPECT_EQ(line.find_first_of("\r\n\x1b\xFF"), line.npos) << line;
    }
}

TEST(LogLine, IsBounded)
{
    const std::string line = line_as(log_format::text, std::string(1 << 20, 'x'), {});
    EXPECT_LT(line.size(), 2100u);
}

TEST(LogFormat, FollowsTheSurroundings)
{
    using enum log_format;
    const auto detect = [](log_surroundings around) { return detect_log_format(around); };
    EXPECT_EQ(detect({}), text);
    EXPECT_EQ(
        detect({.stderr_stream = "8:1", .environment = {{"JOURNAL_STREAM", "8:1"}}}), journal
    );
    // A terminal beats what was inherited, and so does a redirection of stderr.
    EXPECT_EQ(
        detect(
            {.stderr_is_terminal = true,
             .stderr_stream = "8:1",
             .has_container_file = true,
             .environment = {{"JOURNAL_STREAM", "8:1"}}}
        ),
        text
    );
    EXPECT_EQ(detect({.stderr_stream = "8:2", .environment = {{"JOURNAL_STREAM", "8:1"}}}), text);
    EXPECT_EQ(detect({.has_container_file = true}), json);
    EXPECT_EQ(detect({.environment = {{"container", "podman"}}}), json);
    EXPECT_EQ(detect({.environment = {{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}}}), json);
    EXPECT_EQ(detect({.environment = {{"container", ""}}}), text);
}

class Log : public testing::Test
{
protected:
    ~Log() override
    {
        set_up_log({}, {});
        set_log_secrets({});
    }
};

TEST_F(Log, WritesOneLinePerEventToStderr)
{
    testing::internal::CaptureStderr();
    set_up_log({log_level::info, log_format::journal}, {});
    log_debug("too fine");
    log_info("hello {}", {{"job", "a"}});
    log_warning("careful");
    log_error("broken");
    EXPECT_EQ(
        testing::internal::GetCapturedStderr(), "<6>hello {}  job=a\n<4>careful\n<3>broken\n"
    );
}

TEST_F(Log, FollowsTheLevel)
{
    testing::internal::CaptureStderr();
    set_up_log({log_level::error, log_format::journal}, {});
    log_warning("no");
    log_error("yes");
    set_up_log({log_level::debug, log_format::journal}, {});
    log_debug("fine");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "<3>yes\n<7>fine\n");
}

TEST_F(Log, RedactsTheSecretsThatWereSet)
{
    testing::internal::CaptureStderr();
    set_up_log({log_level::info, log_format::journal}, {});
    set_log_secrets({"SECRET-1", "SECRET-2"});
    log_info("SECRET-1", {{"key", "xSECRET-2x"}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "<6>[redacted]  key=x[redacted]x\n");
}

TEST_F(Log, FoldsWhatIsRepeated)
{
    testing::internal::CaptureStderr();
    set_up_log({log_level::info, log_format::journal}, {});
    for (int i = 0; i < 1000; ++i)
        folded_warning("test-fold", "the disk is full");
    flush_folded_warnings();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "<4>the disk is full\n");
}

TEST_F(Log, KeepsLinesWholeFromSeveralThreads)
{
    testing::internal::CaptureStderr();
    set_up_log({log_level::info, log_format::journal}, {});
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([] {
                for (int i = 0; i < 100; ++i)
                    log_info("a line that must stay whole");
            });
    }
    const std::string written = testing::internal::GetCapturedStderr();
    std::string expected;
    for (int i = 0; i < 400; ++i)
        expected += "<6>a line that must stay whole\n";
    EXPECT_EQ(written, expected);
}

TEST(WarningFolder, CountsForAMinuteAfterEachLine)
{
    warning_folder folder;
    const mono_time start{};
    EXPECT_EQ(folder.offer("disk", "full", start), 1u);
    EXPECT_EQ(folder.offer("disk", "full", start + 1s), 0u);
    EXPECT_EQ(folder.offer("disk", "full", start + 59s), 0u);
    EXPECT_EQ(folder.offer("net", "down", start + 59s), 1u);
    EXPECT_EQ(folder.offer("disk", "full", start + 60s), 3u);
    EXPECT_EQ(folder.offer("disk", "full", start + 119s), 0u);
    EXPECT_EQ(folder.offer("disk", "full", start + 120s), 2u);
}

TEST(WarningFolder, GivesUpWhatWasCountedWhenTheWarningStops)
{
    using repeated = std::vector<warning_folder::repeated>;
    warning_folder folder;
    const mono_time start{};
    static_cast<void>(folder.offer("disk", "full", start));
    static_cast<void>(folder.offer("disk", "full: 5", start + 1s));
    static_cast<void>(folder.offer("disk", "full: 3", start + 2s));
    EXPECT_EQ(folder.take_due(start + 59s), repeated{});
    EXPECT_EQ(folder.take_due(start + 60s), (repeated{{"full: 3", 2}}));
    EXPECT_EQ(folder.take_due(start + 200s), repeated{});
    EXPECT_EQ(folder.offer("disk", "full", start + 201s), 1u);  // new again
}

TEST(WarningFolder, RemembersABoundedNumberOfKeys)
{
    warning_folder folder;
    const mono_time start{};
    for (unsigned i = 0; i <= warning_folder::keys_max; ++i)
        EXPECT_EQ(folder.offer("key " + std::to_string(i), "x", start + i * 1ms), 1u);
    EXPECT_EQ(folder.offer("key 0", "x", start + 1s), 1u);  // the oldest was forgotten
    EXPECT_EQ(folder.offer("key 200", "x", start + 1s), 0u);
}

}  // namespace
}  // namespace reaper
