#include "support/fake_disk.hpp"

#include "reaper/core/journal_codec.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reaper::test {

namespace {

// More than any account's breaker window in the tests.
constexpr std::size_t recent_max = 1000;

}  // namespace

std::vector<std::string> some_tokens(std::size_t count, std::uint64_t first)
{
    std::vector<std::string> tokens;
    tokens.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        tokens.push_back(hex_token(first + i));
    return tokens;
}

std::vector<result_record> records_of(std::string_view results)
{
    journal_scanner scanner;
    scanner.feed(results);
    std::vector<result_record> records;
    while (auto record = scanner.next())
        records.push_back(std::move(*record));
    scanner.finish();
    EXPECT_FALSE(scanner.next());
    EXPECT_FALSE(scanner.damage());
    EXPECT_EQ(scanner.torn_bytes(), 0U);
    return records;
}

job_files& fake_disk::add(const job_spec& spec, wall_time now)
{
    job_files files;
    files.tokens.emplace_back();
    std::set<std::string> said;
    for (const std::string& token : spec.tokens) {
        const std::uint64_t n = files.tokens.size();
        files.tokens.push_back(token);
        files.input += (token.empty() ? "no token!" : token) + "\n";
        const bool valid = !token.empty();
        if (valid && said.insert(token).second)
            continue;
        ++(valid ? files.manifest.duplicates : files.manifest.invalid);
        result_record record;
        record.ts = now;
        record.n = record.line = n;
        record.token = token;
        record.result = valid ? outcome::duplicate : outcome::invalid;
        append_record(files.results, record);
    }
    files.manifest.id = spec.id;
    files.manifest.file = spec.id + ".txt";
    files.manifest.size = files.input.size();
    files.manifest.account = spec.account;
    files.manifest.dry_run = spec.dry_run;
    files.manifest.options = spec.options;
    files.manifest.total = spec.tokens.size();
    files.manifest.submitted_at = now;
    files.reserved = files.results.size();
    if (!spec.holds.empty()) {
        files.state.emplace();
        files.state->holds = spec.holds;
        files.state->next_hold_id = spec.holds.back().id + 1;
    }
    EXPECT_FALSE(jobs.contains(spec.id));
    job_files& placed = jobs[spec.id] = std::move(files);
    sync(placed);
    return placed;
}

void fake_disk::write(job_files& files, std::uint64_t offset, std::string_view bytes)
{
    EXPECT_EQ(offset, files.durable) << "what is durable is never written again, nor skipped";
    const std::string_view before = std::string_view(files.results).substr(files.durable);
    EXPECT_TRUE(bytes.starts_with(before)) << "what was written once is written as it was";
    files.results.resize(files.durable);
    files.results += bytes;
    files.lines = files.recorded.size() +
                  static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

void fake_disk::sync(job_files& files)
{
    const std::string_view fresh = std::string_view(files.results).substr(files.durable);
    for (const result_record& record : records_of(fresh)) {
        EXPECT_TRUE(files.recorded.insert(record.n).second) << "second record of " << record.n;
        ASSERT_LT(record.n, files.tokens.size());
        EXPECT_EQ(record.token, files.tokens[record.n]);
        EXPECT_EQ(record.line, record.n);
    }
    files.durable = files.results.size();
    files.lines = files.recorded.size();
}

void fake_disk::crash(crash_tail tail)
{
    for (auto& [id, files] : jobs) {
        const std::size_t written = files.results.size() - files.durable;
        switch (tail) {
            case crash_tail::lost:
                files.results.resize(files.durable);
                break;
            case crash_tail::kept:
                break;
            case crash_tail::torn:
                files.results.resize(files.durable + written / 2);
                break;
            case crash_tail::nulls:
                std::fill_n(
                    files.results.end() - static_cast<std::ptrdiff_t>(written), written, '\0'
                );
                break;
        }
        // A mark that was being written may have got there.
        if (files.mark_under_way && tail == crash_tail::kept)
            files.mark = files.mark_under_way;
        files.mark_under_way.reset();
        files.reserved = 0;
    }
}

recovered_job fake_disk::recover(const std::string& id)
{
    job_files& files = jobs.at(id);
    recovered_job job;
    job.manifest = files.manifest;
    job.state = files.state.value_or(job_state{});
    std::erase_if(job.state.holds, [](const hold& h) { return h.cause == hold_cause::damaged; });
    job.mark = files.mark.value_or(send_mark{});
    journal_scanner scanner;
    scanner.feed(files.results);
    while (const auto record = scanner.next())
        job.take(*record, recent_max);
    scanner.finish();
    EXPECT_FALSE(scanner.next());
    EXPECT_FALSE(scanner.damage());
    EXPECT_FALSE(job.damage);
    job.durable_bytes = scanner.valid_bytes();
    EXPECT_GE(job.durable_bytes, files.durable) << "what was durable is there";
    files.results.resize(job.durable_bytes);
    sync(files);
    return job;
}

}  // namespace reaper::test
