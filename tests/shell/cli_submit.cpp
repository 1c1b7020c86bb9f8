#include "support/submit_bench.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace reaper {
namespace {

using test::content_of;
using test::has;
using test::hex_token;
using test::put_content;
using test::two_lines;

struct Submit : test::submit_bench
{
};

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

}  // namespace
}  // namespace reaper
