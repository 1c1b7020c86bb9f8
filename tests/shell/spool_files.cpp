// The files of the spool: what is written is read back, and what does not fit is refused.

#include "reaper/base/units.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/spool_state.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>

namespace reaper::test {
namespace {

using namespace std::chrono_literals;

const wall_time noon = *parse_rfc3339("2026-11-22T12:00:00.125Z");

job_options every_option()
{
    job_options options;
    options.account = "prod";
    options.kind = campaign_kind::in_app_campaigns;
    options.prio = priority::bulk;
    options.dry_run = true;
    options.hold = false;
    options.hold_after = 10;
    options.max_deletes = 18'446'744'073'709'551'615u;
    options.count = 3;
    options.not_before = noon;
    options.deadline = noon + 1h;
    options.label = "quoted \" and \\ and ünïcode";
    options.retry_of = "20261122T120000Z-a.txt-1a2b";
    return options;
}

job_manifest full_manifest()
{
    job_manifest manifest;
    manifest.id = "20261122T120000Z-b.csv-1a2c";
    manifest.file = "b.csv";
    manifest.format = job_format::csv;
    manifest.size = 99;
    manifest.sha256 = std::string(64, 'a');
    manifest.account = "prod";
    manifest.kind = campaign_kind::in_app_campaigns;
    manifest.endpoint = "https://api.example.com";
    manifest.dry_run = true;
    manifest.options = every_option();
    manifest.total = 3;
    manifest.invalid = 1;
    manifest.duplicates = 2;
    manifest.dropped_by = "ada";
    manifest.submitted_at = noon;
    return manifest;
}

result_record provisional_record()
{
    result_record record;
    record.ts = noon;
    record.n = 4;
    record.line = 5;
    record.token = std::string(32, 'b');
    record.result = outcome::not_found;
    record.status = 404;
    record.code = "20";
    record.message = "not \"found\"";
    record.attempts = 2;
    record.milliseconds = 41.7;
    return record;
}

TEST(Manifest, EveryFieldIsReadBack)
{
    const auto manifest = full_manifest();
    const auto back = parse_manifest(render_manifest(manifest));
    ASSERT_TRUE(back) << back.error().sentence;
    EXPECT_EQ(*back, manifest);
}

TEST(Manifest, OptionsThatWereNotSaidAreNotSaid)
{
    job_manifest manifest = full_manifest();
    manifest.options = {};
    EXPECT_NE(render_manifest(manifest).find("\"options\": {}"), std::string::npos);
    EXPECT_EQ(*parse_manifest(render_manifest(manifest)), manifest);
}

TEST(Manifest, RefusesAnotherFormatVersion)
{
    auto text = render_manifest(full_manifest());
    text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
    const auto back = parse_manifest(text);
    ASSERT_FALSE(back);
    EXPECT_NE(back.error().sentence.find("format 2"), std::string::npos) << back.error().sentence;
}

TEST(Manifest, RefusesWhatIsMissingOrOfAnotherTypeAndNamesIt)
{
    const auto whole = render_manifest(full_manifest());
    for (const char* name :
         {"format",
          "id",
          "file",
          "file_format",
          "size",
          "sha256",
          "account",
          "kind",
          "endpoint",
          "dry_run",
          "options",
          "total",
          "invalid",
          "duplicates",
          "dropped_by",
          "submitted_at"}) {
        const auto quoted = "\"" + std::string(name) + "\"";
        auto missing = whole;
        missing.replace(missing.find(quoted), quoted.size(), "\"other\"");
        const auto without = parse_manifest(missing);
        ASSERT_FALSE(without) << name;
        EXPECT_NE(without.error().sentence.find(quoted), std::string::npos)
            << without.error().sentence;

        auto wrong = whole;
        const auto value = wrong.find(": ", wrong.find(quoted)) + 2;
        wrong.replace(value, wrong.find('\n', value) - value - 1, "null");
        if (wrong.find("null") != std::string::npos) {
            EXPECT_FALSE(parse_manifest(wrong)) << name;
        }
    }
}

TEST(Manifest, RefusesAnOptionThatItDoesNotKnow)
{
    // It may be a guard of a newer version.
    auto text = render_manifest(full_manifest());
    text.replace(text.find("\"hold_after\""), 12, "\"hold_later\"");
    EXPECT_FALSE(parse_manifest(text));
}

TEST(Manifest, ACutFileIsRefusedAtEveryByte)
{
    const auto whole = render_manifest(full_manifest());
    for (std::size_t size = 0; size + 2 < whole.size(); ++size)
        EXPECT_FALSE(parse_manifest(whole.substr(0, size))) << size;
}

TEST(JobState, EveryFieldIsReadBack)
{
    job_state state;
    state.holds = {
        {1, hold_cause::breaker, "because \"x\"", noon}, {4, hold_cause::damaged, "y", noon}};
    state.next_hold_id = 5;
    state.cancelled_at = noon;
    state.hold_after_done = true;
    state.route_released = true;
    state.dry_run = true;
    state.breaker_from = 17;
    state.provisional = {provisional_record()};
    state.started_at = noon - 1h;
    state.requests = 100;
    state.throttled = 3;
    state.paused_s = {{"gate", 15.25}, {"network", 0.1}};
    state.active_s = 1234.5678;
    state.best_pace = 9.75;
    state.clean = true;
    state.epoch = 7;
    state.unknown = {3, 9, 27};
    const auto back = parse_job_state(render_job_state(state));
    ASSERT_TRUE(back) << back.error().sentence;
    EXPECT_EQ(*back, state);
    EXPECT_EQ(*parse_job_state(render_job_state(job_state{})), job_state{});
}

TEST(JobState, IsReplacedAtomicallyAndReadableForTheGroupOnly)
{
    temp_dir dir;
    job_state state;
    state.epoch = 3;
    ASSERT_TRUE(write_job_state(dir.path(), state));
    EXPECT_EQ(*read_job_state(dir.path()), state);
    struct stat about = {};
    ASSERT_EQ(::stat((dir / "state.json").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0640u);
}

TEST(Summary, EveryFieldIsReadBack)
{
    job_summary summary;
    summary.job = "20261122T120000Z-b.csv-1a2c";
    summary.file = "b.csv";
    summary.sha256 = std::string(64, 'a');
    summary.dropped_by = "ada";
    summary.account = "prod";
    summary.kind = campaign_kind::in_app_campaigns;
    summary.dry_run = true;
    summary.options = every_option();
    summary.submitted_at = noon;
    summary.started_at = noon + 1s;
    summary.finished_at = noon + 1h;
    summary.total = 10;
    summary.outcomes[outcome::deleted] = 7;
    summary.outcomes[outcome::would_delete] = 3;
    summary.requests = 12;
    summary.throttled = 2;
    summary.paused_s = {{"gate", 10.5}};
    summary.pace_mean = 9.875;
    summary.pace_best = 10.25;
    summary.latency_p50_ms = 40;
    summary.latency_p90_ms = 80.5;
    summary.latency_p99_ms = 200.125;
    summary.reason = "cancelled by ada";
    const auto back = parse_summary(render_summary(summary));
    ASSERT_TRUE(back) << back.error().sentence;
    EXPECT_EQ(*back, summary);
    EXPECT_EQ(*parse_summary(render_summary(job_summary{})), job_summary{});
}

TEST(Rejection, EveryFieldIsReadBack)
{
    const rejection why{"id", "a.txt", "it is the wrong file", {2, 3}, "prod", "ada", noon};
    EXPECT_EQ(*parse_rejection(render_rejection(why)), why);
    const rejection least{"id", "a.txt", "x", {}, "", "1000", noon};
    EXPECT_EQ(*parse_rejection(render_rejection(least)), least);
}

TEST(Origin, KeepsANameOfAnyBytes)
{
    const file_origin origin{"two\nlines \xff\xfe.csv", "prod"};
    EXPECT_EQ(*parse_origin(render_origin(origin)), origin);
    EXPECT_FALSE(parse_origin(R"({"format": 1, "name_hex": "xy", "account": ""})"));
}

struct state_rig
{
    state_rig() : paths(dir.path())
    {
        for (const auto& path : {paths.limits, paths.proofs, paths.sent, paths.active})
            std::filesystem::create_directories(path);
    }

    temp_dir dir;
    spool_paths paths;
};

TEST(SpoolState, TheSaltIsMadeOnceAndNeverOverDamage)
{
    state_rig rig;
    const auto salt = load_salt(rig.paths);
    ASSERT_TRUE(salt);
    EXPECT_EQ(salt->size(), 32u);
    EXPECT_EQ(*load_salt(rig.paths), *salt);
    state_rig other;
    EXPECT_NE(*load_salt(other.paths), *salt);

    put_content(rig.paths.state + "/salt", "short");
    EXPECT_FALSE(load_salt(rig.paths));
    EXPECT_EQ(content_of(rig.paths.state + "/salt"), "short");
}

TEST(SpoolState, ALimitIsReadBack)
{
    state_rig rig;
    limit_state limit;
    limit.id = "key-0123456789abcdef";
    EXPECT_EQ(*read_limit(rig.paths, limit.id), std::nullopt);
    limit.boot_id = read_boot_id();
    EXPECT_FALSE(limit.boot_id.empty());
    limit.clean = true;
    limit.shut_until = mono_time{123'456'789'012'345ns};
    ASSERT_TRUE(write_limit(rig.paths, limit));
    EXPECT_EQ(**read_limit(rig.paths, limit.id), limit);
    limit.pace_per_s = 9.87;
    limit.pace_at = noon;
    limit.clean = false;
    ASSERT_TRUE(write_limit(rig.paths, limit));
    EXPECT_EQ(**read_limit(rig.paths, limit.id), limit);

    put_content(limit_path(rig.paths, limit.id), "{");
    EXPECT_FALSE(read_limit(rig.paths, limit.id));
}

// Boost.JSON reads the first with its last bit wrong, the second with more than that.
TEST(SpoolState, APaceOfManyDigitsIsReadBackAsItIsWritten)
{
    for (const double pace : {1139.6942974041933, 9.4444444444444444e195, 2.0 / 3, 1e-300}) {
        limit_state limit;
        limit.id = "key-0123456789abcdef";
        limit.pace_per_s = pace;
        limit.pace_at = noon;
        const auto read = parse_limit(render_limit(limit));
        ASSERT_TRUE(read) << pace;
        EXPECT_EQ(read->pace_per_s, to_twelve_digits(pace));
        EXPECT_EQ(parse_limit(render_limit(*read))->pace_per_s, read->pace_per_s);
    }
}

// It was taken for an instant in the past, that is for a gate that is not shut.
TEST(SpoolState, ASilenceBeyondTheClockIsRefused)
{
    for (const char* ns : {"18446744073709551615", "9223372036854775807", "3153600000000000001"}) {
        const auto read = parse_limit(
            std::string(R"({"format":1,"id":"key","boot_id":"b","clean":true,"shut_until_ns":)") +
            ns + "}"
        );
        ASSERT_FALSE(read) << ns;
        EXPECT_EQ(
            read.error().sentence, "\"shut_until_ns\" is not an instant of this machine's clock"
        );
    }
}

TEST(SpoolState, AProofIsRemembered)
{
    state_rig rig;
    EXPECT_FALSE(is_route_proven(rig.paths, "0123456789abcdef"));
    ASSERT_TRUE(write_proof(rig.paths, "0123456789abcdef"));
    ASSERT_TRUE(write_proof(rig.paths, "0123456789abcdef"));
    EXPECT_TRUE(is_route_proven(rig.paths, "0123456789abcdef"));
    EXPECT_FALSE(is_route_proven(rig.paths, "fedcba9876543210"));
}

TEST(SpoolState, TheFirstJobThatSentFromAnInputIsNamed)
{
    state_rig rig;
    const std::string sha256(64, 'c');
    EXPECT_EQ(*sent_by(rig.paths, sha256), "");
    ASSERT_TRUE(note_sent(rig.paths, sha256, "first"));
    ASSERT_TRUE(note_sent(rig.paths, sha256, "second"));
    EXPECT_EQ(*sent_by(rig.paths, sha256), "first");
}

}  // namespace
}  // namespace reaper::test
