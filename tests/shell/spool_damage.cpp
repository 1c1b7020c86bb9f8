// job.json and state.json with every bit flipped and cut at every byte: damage is told, or touches
// one value; it never loses what keeps a job from sending (docs/journal.md).

#include "reaper/io/job_files.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper {
namespace {

const wall_time some_time = *parse_rfc3339("2026-11-22T20:30:15.123Z");

job_manifest some_manifest()
{
    job_manifest manifest;
    manifest.id = "20261122T203015Z-x.txt-00ab";
    manifest.file = "x.txt";
    manifest.size = 330;
    manifest.sha256 = std::string(64, 'a');
    manifest.account = "prod";
    manifest.endpoint = "https://api.batch.com";
    manifest.dry_run = true;
    manifest.options.dry_run = true;
    manifest.options.hold = true;
    manifest.options.hold_after = 10;
    manifest.options.max_deletes = 50;
    manifest.options.deadline = some_time;
    manifest.options.label = "spring";
    manifest.total = 10;
    manifest.dropped_by = "root";
    manifest.submitted_at = some_time;
    return manifest;
}

job_state some_state()
{
    job_state state;
    state.holds = {
        {1, hold_cause::person, "for a look", some_time},
        {2, hold_cause::breaker, "too many", some_time}};
    state.next_hold_id = 3;
    state.cancelled_at = some_time;
    state.hold_after_done = true;
    state.dry_run = true;
    state.breaker_from = 4;
    result_record record;
    record.ts = some_time;
    record.n = 7;
    record.line = 9;
    record.token = std::string(32, 'b');
    record.result = outcome::not_found;
    record.status = 404;
    state.provisional = {record};
    state.started_at = some_time;
    state.requests = 8;
    state.paused_s = {{"network", 1.5}};
    state.active_s = 2.25;
    state.best_pace = 9;
    state.epoch = 2;
    state.unknown = {3, 5};
    return state;
}

std::string with_flipped(std::string bytes, std::size_t bit)
{
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
}

unsigned options_said(const job_options& o)
{
    return static_cast<unsigned>(o.dry_run.has_value()) +
           static_cast<unsigned>(o.hold.has_value()) +
           static_cast<unsigned>(o.hold_after.has_value()) +
           static_cast<unsigned>(o.max_deletes.has_value()) +
           static_cast<unsigned>(o.deadline.has_value()) +
           static_cast<unsigned>(o.label.has_value());
}

TEST(SpoolDamage, AFileThatIsCutIsNoFile)
{
    const std::string manifest = render_manifest(some_manifest());
    const std::string state = render_job_state(some_state());
    // Without its line end it is still whole.
    for (std::size_t cut = 0; cut + 1 < manifest.size(); ++cut)
        EXPECT_FALSE(parse_manifest(std::string_view(manifest).substr(0, cut))) << cut;
    for (std::size_t cut = 0; cut + 1 < state.size(); ++cut)
        EXPECT_FALSE(parse_job_state(std::string_view(state).substr(0, cut))) << cut;
}

TEST(SpoolDamage, AFlippedBitOfJobJsonLosesNoOptionAndEndsNoDryRun)
{
    const std::string text = render_manifest(some_manifest());
    ASSERT_EQ(parse_manifest(text).value(), some_manifest());
    std::size_t loud = 0;
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        const auto read = parse_manifest(with_flipped(text, bit));
        if (!read) {
            EXPECT_FALSE(read.error().sentence.empty());
            ++loud;
            continue;
        }
        EXPECT_TRUE(read->dry_run) << bit;
        EXPECT_EQ(read->options.dry_run, true) << bit;
        EXPECT_EQ(read->options.hold, true) << bit;
        EXPECT_EQ(options_said(read->options), 6u) << bit;
        EXPECT_EQ(read->format, job_format::text) << bit;
        EXPECT_EQ(read->kind, campaign_kind::campaigns) << bit;
    }
    EXPECT_GT(loud, text.size() * 4) << "more than half";
}

TEST(SpoolDamage, AFlippedBitOfStateJsonReleasesNothingAndRevivesNothing)
{
    const job_state whole = some_state();
    const std::string text = render_job_state(whole);
    ASSERT_EQ(parse_job_state(text).value(), whole);
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        const auto read = parse_job_state(with_flipped(text, bit));
        if (!read)
            continue;
        ASSERT_EQ(read->holds.size(), whole.holds.size()) << bit;
        EXPECT_EQ(read->holds[0].cause, hold_cause::person) << bit;
        EXPECT_EQ(read->holds[1].cause, hold_cause::breaker) << bit;
        EXPECT_TRUE(read->cancelled_at) << bit;
        EXPECT_TRUE(read->dry_run) << bit;
        EXPECT_TRUE(read->hold_after_done) << bit;
        EXPECT_EQ(read->provisional.size(), whole.provisional.size()) << bit;
        EXPECT_EQ(read->unknown.size(), whole.unknown.size()) << bit;
    }
}

}  // namespace
}  // namespace reaper
