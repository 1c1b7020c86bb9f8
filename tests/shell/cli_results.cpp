#include "reaper/cli/commands.hpp"
#include "reaper/cli/record_printer.hpp"
#include "support/cli_spool.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

using test::cli_spool;
using test::has;
using test::old_id;
using test::put_content;

struct Results : testing::Test
{
    Results()
    {
        for (const auto& record :
             {cli_spool::record(1, outcome::deleted, "aa"),
              cli_spool::record(2, outcome::invalid, ""),
              cli_spool::record(3, outcome::unknown, "cc")}) {
            line_ends.push_back(log.size());
            append_record(log, record);
        }
    }

    void make_active()
    {
        spool.add_active(old_id, 3);
        put_content(spool.paths.active_job(old_id) + "/results.jsonl", log);
    }

    void make_done()
    {
        spool.add_done(old_id, {});
        put_content(spool.paths.done_job(old_id) + "/results.jsonl", log);
    }

    exit_status run()
    {
        asked.job = old_id;
        return show_results(asked, spool.paths, spool.io);
    }

    cli_spool spool;
    results_options asked;
    std::string log;
    std::vector<std::size_t> line_ends;  // where each record begins
};

TEST_F(Results, OfAnEndedJobAreShownWholeAndAsTheyAre)
{
    make_done();
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_EQ(spool.printed(), log);
}

TEST_F(Results, OfARunningJobEndAtTheDurableLength)
{
    make_active();
    spool.add_view(old_id, 3).durable_bytes = line_ends[1];
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.printed(), log.substr(0, line_ends[1]));
}

TEST_F(Results, OfAJobThatTheDaemonHasNotSpokenOfAreNotShown)
{
    make_active();
    spool.start_daemon();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.printed(), "");
}

TEST_F(Results, WithoutADaemonOnlyWholeLinesAreShown)
{
    log += R"({"ts":"2026-)";
    make_active();
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.printed(), log.substr(0, log.rfind('\n') + 1));
}

TEST_F(Results, OnlyTheOutcomesAskedForAreShown)
{
    make_done();
    asked.outcomes = {outcome::unknown, outcome::deleted};
    asked.format = results_format::tokens;
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.printed(), "aa\ncc\n");
}

TEST_F(Results, InvalidLinesHaveNoTokenToShow)
{
    make_done();
    asked.format = results_format::tokens;
    ASSERT_EQ(run(), exit_status::ok);
    EXPECT_EQ(spool.printed(), "aa\ncc\n");
}

TEST_F(Results, FollowShowsWhatBecomesDurableUntilTheJobEnds)
{
    make_active();
    spool.add_view(old_id, 3).durable_bytes = line_ends[1];
    spool.start_daemon();
    asked.follow = true;
    spool.on_sleep = [&] {
        if (spool.sleeps == 1) {
            EXPECT_EQ(spool.printed(), log.substr(0, line_ends[1]));
            // The status may show a length in the middle of what is read next.
            spool.status.jobs[0].durable_bytes = line_ends[2];
            spool.write_status();
        } else if (spool.sleeps == 2) {
            EXPECT_EQ(spool.printed(), log.substr(0, line_ends[2]));
            std::filesystem::rename(spool.paths.active_job(old_id), spool.paths.done_job(old_id));
        }
    };
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_EQ(spool.printed(), log);
    EXPECT_EQ(spool.sleeps, 2);
}

TEST_F(Results, FollowWaitsForAJobThatIsNotTakenInYet)
{
    put_content(spool.paths.incoming + "/" + old_id + ".txt", "x");
    asked.follow = true;
    spool.on_sleep = [&] {
        std::filesystem::remove(spool.paths.incoming + "/" + old_id + ".txt");
        make_done();
        spool.on_sleep = {};
    };
    ASSERT_EQ(run(), exit_status::ok) << spool.said();
    EXPECT_EQ(spool.printed(), log);
}

TEST_F(Results, ARejectedJobHasNoneAndSaysWhy)
{
    spool.add_rejected(old_id, "line 3 is not a token");
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "line 3 is not a token"));
}

TEST_F(Results, AJobThatIsNotThereIsSaid)
{
    EXPECT_EQ(run(), exit_status::no_such_job);
}

TEST_F(Results, DamageIsLoud)
{
    log.insert(line_ends[1], "no record\n");
    make_done();
    EXPECT_EQ(run(), exit_status::failed);
    EXPECT_TRUE(has(spool.said(), "line 2")) << spool.said();
    EXPECT_EQ(spool.printed(), log.substr(0, line_ends[1]));
}

TEST(RecordPrinter, CsvIsQuotedWhereItMustBe)
{
    result_record record = cli_spool::record(17, outcome::refused, "a0");
    record.line = 19;
    record.status = 400;
    record.code = "31";
    record.message = "MALFORMED, \"token\"";
    record.attempts = 1;
    record.milliseconds = 40.2;
    EXPECT_EQ(
        csv_line(record),
        "2026-11-22T20:30:15.000Z,17,19,a0,refused,400,31,\"MALFORMED, \"\"token\"\"\",1,40.2"
    );
    EXPECT_EQ(
        csv_line(cli_spool::record(2, outcome::invalid, "")),
        "2026-11-22T20:30:15.000Z,2,2,,invalid,,,,0,"
    );
}

TEST(RecordPrinter, LinesMayComeInPiecesOfAnySize)
{
    std::string log;
    append_record(log, cli_spool::record(1, outcome::deleted, "aa"));
    append_record(log, cli_spool::record(2, outcome::deleted, "bb"));
    for (std::size_t size = 1; size <= log.size(); ++size) {
        std::ostringstream out;
        record_printer printer(out, results_format::tokens, {});
        for (std::size_t at = 0; at < log.size(); at += size)
            ASSERT_TRUE(printer.feed(std::string_view(log).substr(at, size)));
        ASSERT_EQ(out.str(), "aa\nbb\n") << size;
    }
}

}  // namespace
}  // namespace reaper
