#include "reaper/cli/commands.hpp"
#include "reaper/cli/job_publisher.hpp"
#include "support/cli_spool.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace reaper {
namespace {

using test::cli_spool;
using test::content_of;
using test::has;
using test::hex_token;
using test::put_content;

struct Submit : testing::Test
{
    Submit()
    {
        config.spool = spool.root.path();
        config.default_account = "prod";
        config.accounts["prod"].name = "prod";
        config.accounts["test"].name = "test";
        config.accounts["test"].kind = campaign_kind::in_app_campaigns;
    }

    // A file outside the spool.
    std::string file(const std::string& name, const std::string& content)
    {
        put_content(work / name, content);
        return work / name;
    }

    exit_status run() { return submit(asked, config, spool.io); }

    std::string published_id()
    {
        const std::string id = spool.printed();
        EXPECT_FALSE(id.empty()) << spool.said();
        return id.substr(0, id.find('\n'));
    }

    job_reading read_published(const std::string& path, job_format format)
    {
        const auto input = open_input(path, -1, "/nowhere");
        EXPECT_TRUE(input);
        const auto reading = read_job_file(*input, format, nullptr);
        EXPECT_TRUE(reading);
        return *reading;
    }

    bool nothing_is_published()
    {
        return spool.names_in(spool.paths.incoming).empty() && spool.printed().empty();
    }

    test::temp_dir work;
    cli_spool spool;
    settings config;
    submit_options asked;
};

const std::string two_lines = hex_token(1) + "\n" + hex_token(2) + "\n";

TEST_F(Submit, PublishesUnderAJobIdAndPrintsIt)
{
    asked.files = {file("old.txt", two_lines)};
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    const std::string id = published_id();
    EXPECT_TRUE(is_job_id(id)) << id;
    EXPECT_TRUE(has(id, "20261122T203015Z-old.txt-")) << id;
    EXPECT_EQ(spool.names_in(spool.paths.incoming), std::vector<std::string>{id + ".txt"});
    EXPECT_EQ(content_of(spool.paths.incoming + "/" + id + ".txt"), two_lines);
}

TEST_F(Submit, TheFileIsReadableForTheDaemonWhateverTheUmask)
{
    const mode_t before = ::umask(0077);
    asked.files = {file("old.txt", two_lines)};
    const exit_status status = run();
    ::umask(before);
    ASSERT_EQ(status, exit_status::ok);
    struct stat about = {};
    ASSERT_EQ(::stat((spool.paths.incoming + "/" + published_id() + ".txt").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, mode_t{0644});
    EXPECT_EQ(about.st_nlink, nlink_t{1});
}

TEST_F(Submit, WithASharedGroupTheFileIsNotForOthers)
{
    ASSERT_EQ(::chmod(spool.paths.incoming.c_str(), 02770), 0);
    asked.files = {file("old.txt", two_lines)};
    ASSERT_EQ(run(), exit_status::ok);
    struct stat about = {};
    ASSERT_EQ(::stat((spool.paths.incoming + "/" + published_id() + ".txt").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, mode_t{0640});
}

TEST_F(Submit, EveryFlagIsReadBackFromEveryFormat)
{
    job_options& flags = asked.options;
    flags.account = "prod";
    flags.kind = campaign_kind::campaigns;
    flags.prio = priority::urgent;
    flags.dry_run = true;
    flags.hold = true;
    flags.hold_after = 10;
    flags.max_deletes = 5;
    flags.count = 2;
    flags.not_before = parse_rfc3339("2026-11-23T00:00:00Z");
    flags.deadline = parse_rfc3339("2026-11-24T00:00:00Z");
    flags.label = "spring: \"sale\"";
    flags.retry_of = test::old_id;
    const std::string json = "[\"" + hex_token(1) + "\",\"" + hex_token(2) + "\"]";
    const std::string jsonl = "\"" + hex_token(1) + "\"\n\"" + hex_token(2) + "\"\n";
    asked.files = {
        file("a.txt", two_lines),
        file("a.csv", "token\n" + two_lines),
        file("a.json", json),
        file("a.jsonl", jsonl),
        file("a.ndjson", jsonl),
        file("a", two_lines)};
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    const auto names = spool.names_in(spool.paths.incoming);
    ASSERT_EQ(names.size(), asked.files.size());
    for (const std::string& name : names) {
        const auto read = read_published(spool.paths.incoming + "/" + name, *format_of_file(name));
        EXPECT_EQ(read.options, flags) << name;
        EXPECT_EQ(read.items, 2u) << name;
    }
}

TEST_F(Submit, AFlagThatContradictsTheFileIsAUsageError)
{
    asked.files = {file("old.txt", "---\nhold_after: 5\n---\n" + two_lines)};
    asked.options.hold_after = 10;
    EXPECT_EQ(run(), exit_status::usage);
    EXPECT_TRUE(has(spool.said(), "--hold-after contradicts")) << spool.said();
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, AFlagThatRepeatsTheFileIsFine)
{
    const std::string content = "---\nhold_after: 10\n---\n" + two_lines;
    asked.files = {file("old.txt", content)};
    asked.options.hold_after = 10;
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_EQ(content_of(spool.paths.incoming + "/" + published_id() + ".txt"), content);
}

TEST_F(Submit, TheAccountsFolderSpeaksForTheFlag)
{
    std::filesystem::create_directory(spool.paths.folder_of("test"));
    asked.files = {file("old.txt", two_lines)};
    asked.options.account = "test";
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    const std::string path = spool.paths.folder_of("test") + "/" + published_id() + ".txt";
    EXPECT_EQ(content_of(path), two_lines);
}

TEST_F(Submit, WithoutAFolderTheAccountIsWrittenIntoTheFile)
{
    asked.files = {file("old.txt", two_lines)};
    asked.options.account = "test";
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    const auto read =
        read_published(spool.paths.incoming + "/" + published_id() + ".txt", job_format::text);
    EXPECT_EQ(read.options.account, "test");
}

TEST_F(Submit, AnAccountThatIsNotThereIsRefused)
{
    asked.files = {file("old.txt", two_lines)};
    asked.options.account = "tset";
    EXPECT_EQ(run(), exit_status::usage);
    EXPECT_TRUE(has(spool.said(), "test")) << spool.said();
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, AFileThatCanBeNoJobIsNotPublished)
{
    asked.files = {file("cut.json", "[\"" + hex_token(1) + "\",")};
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "cut.json")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "Nothing was published")) << spool.said();
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, InvalidLinesAreSaidAtOnce)
{
    asked.files = {file("old.txt", two_lines + "https://example.com/x\n")};
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "line 3")) << spool.said();
    EXPECT_FALSE(has(spool.said(), "example.com")) << "the text of a line is shown nowhere";
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, ACountThatDoesNotFitIsSaidAtOnce)
{
    asked.files = {file("old.txt", two_lines)};
    asked.options.count = 3;
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, OneBadFileKeepsTheOthersBack)
{
    asked.files = {file("good.txt", two_lines), file("bad.txt", "no token\n")};
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(nothing_is_published());
}

TEST_F(Submit, AnUnknownExtensionAsksForTheFormat)
{
    asked.files = {file("old.xlsx", two_lines)};
    EXPECT_EQ(run(), exit_status::usage);
    EXPECT_TRUE(has(spool.said(), "--format")) << spool.said();
    asked.format = job_format::text;
    EXPECT_EQ(run(), exit_status::ok);
}

TEST_F(Submit, ReadsStandardInputToItsEnd)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(write_all(ends[1], "{\"tokens\":[\"" + hex_token(1) + "\"],\"hold\":true}"), 0);
    ::close(ends[1]);
    spool.io.input = ends[0];
    asked.files = {"-"};
    asked.format = job_format::json;
    asked.name = "from the pipe";
    asked.options.label = "x";
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    ::close(ends[0]);
    const std::string id = published_id();
    EXPECT_TRUE(has(id, "-from-the-pipe-")) << id;
    EXPECT_EQ(spool.names_in(spool.paths.incoming), std::vector<std::string>{id + ".json"});
    const auto read = read_published(spool.paths.incoming + "/" + id + ".json", job_format::json);
    EXPECT_EQ(read.options.hold, true);
    EXPECT_EQ(read.options.label, "x");
}

TEST_F(Submit, StandardInputTwiceIsAUsageError)
{
    asked.files = {"-", "-"};
    EXPECT_EQ(run(), exit_status::usage);
}

TEST_F(Submit, AFileThatIsNotThereIsSaid)
{
    asked.files = {work / "none.txt", work.path()};
    asked.format = job_format::text;
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "No such file")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "is a directory")) << spool.said();
}

TEST_F(Submit, WaitEndsWithTheOutcomesOfTheJob)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.start_daemon();
    int round = 0;
    spool.on_sleep = [&] {
        const std::string id = published_id();
        if (++round == 1) {
            std::filesystem::remove(spool.paths.incoming + "/" + id + ".txt");
            spool.add_active(id, 2);
            spool.add_view(id, 2).outcomes[outcome::deleted] = 1;
        } else if (round == 3) {
            std::filesystem::remove_all(spool.paths.active_job(id));
            spool.status.jobs.clear();
            outcome_counts counts;
            counts[outcome::deleted] = 1;
            counts[outcome::not_found] = 1;
            spool.add_done(id, counts);
        }
        spool.write_status();
    };
    EXPECT_EQ(run(), exit_status::failed) << "one token was not deleted";
    EXPECT_TRUE(has(spool.said(), "waits to be taken in")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "50.0 %")) << spool.said();
    EXPECT_TRUE(has(spool.said(), "deleted 1, not found 1")) << spool.said();
    EXPECT_EQ(spool.printed(), published_id() + "\n") << "data only";
}

TEST_F(Submit, WaitOnATerminalDrawsOneLineThatFits)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.io.err_is_terminal = true;
    spool.io.columns = 60;
    spool.start_daemon();
    spool.on_sleep = [&] {
        if (spool.sleeps == 1) {
            job_view& job = spool.add_view(published_id(), 2);
            job.state = "paused";
            job.why = std::string(100, 'w');
            spool.write_status();
        } else if (spool.sleeps == 3) {
            outcome_counts counts;
            counts[outcome::deleted] = 2;
            spool.add_done(published_id(), counts);
        }
    };
    ASSERT_EQ(run(), exit_status::ok);
    std::istringstream drawn(spool.said());
    std::size_t redraws = 0;
    for (std::string line; std::getline(drawn, line, '\r'); ++redraws)
        EXPECT_LT(line.substr(0, line.find("\x1b[K")).size(), 60u) << line;
    EXPECT_GE(redraws, 3u);
    EXPECT_FALSE(has(spool.said().substr(0, spool.said().rfind('\r')), "\n")) << "one line";
}

TEST_F(Submit, WaitOffATerminalIsQuietWhileAReasonOnlyCountsDown)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.start_daemon();
    spool.on_sleep = [&] {
        spool.status.jobs.clear();
        job_view& job = spool.add_view(published_id(), 2);
        job.state = "paused";
        job.why = "goes on in " + std::to_string(20 - spool.sleeps) + ".5 s";
        spool.write_status();
        if (spool.sleeps == 15)
            spool.add_rejected(published_id(), "x");
    };
    EXPECT_EQ(run(), exit_status::failed);
    const std::string said = spool.said();
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 3) << said;
}

TEST_F(Submit, WaitSaysThatNoDaemonRunsAndGoesOnWaiting)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.on_sleep = [&] {
        if (spool.sleeps < 5)
            return;
        outcome_counts counts;
        counts[outcome::deleted] = 2;
        spool.add_done(published_id(), counts);
        spool.on_sleep = {};
    };
    EXPECT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_TRUE(has(spool.said(), "no daemon is running")) << spool.said();
}

TEST_F(Submit, WaitSaysWhyAJobWasRejected)
{
    asked.files = {file("old.txt", two_lines)};
    asked.wait = true;
    spool.on_sleep = [&] {
        spool.add_rejected(published_id(), "max_deletes is 1");
        spool.on_sleep = {};
    };
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "rejected: max_deletes is 1")) << spool.said();
}

}  // namespace
}  // namespace reaper
