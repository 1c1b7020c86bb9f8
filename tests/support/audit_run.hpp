#pragma once
// A made-up run for tests of the audit: a ledger and job folders, sound until a test doctors them.

#include "sandbox/audit.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace reaper::test {

inline constexpr std::int64_t second = 1'000'000'000;

inline const std::string token_a(32, 'a');
inline const std::string token_b(32, 'b');
inline const std::string token_c(32, 'c');

// A line of a ledger; the default is a deletion answered 200.
struct seen_request
{
    std::string token;
    int status = 200;
    bool executed = true;
    std::int64_t t = 100 * second;
    std::string fault{};
    bool answered = true;
    int connection = 1;
    std::string route = "delete";

    [[nodiscard]] std::string text() const
    {
        return fmt::format(
            R"({{"t":{},"ta":{},"conn":{},"req":1,"route":"{}","kind":"campaigns","token":"{}",)"
            R"("status":{},"executed":{},"fault":"{}"}})"
            "\n",
            t,
            answered ? t + 1 : 0,
            connection,
            route,
            token,
            status,
            executed,
            fault
        );
    }
};

inline std::string record(int n, const std::string& token, const std::string& outcome, int line = 0)
{
    return fmt::format(
        R"({{"ts":"2026-11-22T20:30:15.123Z","n":{},"line":{},"token":"{}","outcome":"{}"}})"
        "\n",
        n,
        line == 0 ? n : line,
        token,
        outcome
    );
}

// A job folder, sound as long as nobody says otherwise.
struct made_job
{
    std::string input;
    std::string records{};
    std::string outcomes{};  // of summary.json
    int total = 0;
    std::string format = "text";
    bool dry_run = false;
    int invalid = 0;
    int duplicates = 0;
};

class made_run
{
public:
    void saw(const seen_request& line) { ledger_ += line.text(); }

    void saw_text(const std::string& text) { ledger_ += text; }

    // A job that has ended if it has `outcomes`, otherwise one that is active.
    void add(const made_job& of, bool done = true)
    {
        const std::string folder =
            dir_ / fmt::format("{}/20261122T203015Z-j-{:04}", done ? "done" : "active", ++jobs_);
        std::filesystem::create_directories(folder);
        put_content(folder + "/input", of.input);
        put_content(
            folder + "/job.json",
            fmt::format(
                R"({{"file_format":"{}","dry_run":{},"total":{},"invalid":{},"duplicates":{}}})",
                of.format,
                of.dry_run,
                of.total,
                of.invalid,
                of.duplicates
            )
        );
        put_content(folder + "/results.jsonl", of.records);
        if (done)
            put_content(
                folder + "/summary.json",
                fmt::format(R"({{"total":{},"outcomes":{{{}}}}})", of.total, of.outcomes)
            );
    }

    // The job of one token with one outcome.
    void add_single(const std::string& token, const std::string& outcome, bool dry_run = false)
    {
        add(
            {.input = token + "\n",
             .records = record(1, token, outcome),
             .outcomes = '"' + outcome + "\":1",
             .total = 1,
             .dry_run = dry_run}
        );
    }

    sandbox::audit_report audit()
    {
        put_content(dir_ / "ledger.jsonl", ledger_);
        options.ledgers = {dir_ / "ledger.jsonl"};
        options.spool = dir_.path();
        const auto report = sandbox::run_audit(options);
        EXPECT_TRUE(report.has_value());
        return *report;
    }

    // That the audit finds this rule broken, and no other.
    void expect_only(sandbox::audit_rule rule, std::uint64_t count = 1)
    {
        const auto report = audit();
        EXPECT_EQ(report.violations_of(rule), count) << sandbox::render(report);
        EXPECT_EQ(report.violation_count(), count) << sandbox::render(report);
    }

    void expect_ok()
    {
        const auto report = audit();
        EXPECT_EQ(report.violation_count(), 0U) << sandbox::render(report);
    }

    sandbox::audit_options options;

private:
    temp_dir dir_;
    std::string ledger_;
    int jobs_ = 0;
};

}  // namespace reaper::test
