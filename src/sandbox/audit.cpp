#include "sandbox/audit.hpp"

#include "sandbox/audit_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <utility>

namespace fs = std::filesystem;

namespace sandbox {
namespace {

struct job_folder
{
    std::string path;
    bool done = false;
};

// The jobs of a spool, by name, which sorts by time. Folders that begin with a dot are still being
// made.
std::vector<job_folder> jobs_of_spool(const std::string& spool)
{
    std::vector<job_folder> jobs;
    for (const bool done : {true, false}) {
        const fs::path parent = fs::path(spool) / (done ? "done" : "active");
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator(parent, missing))
            if (entry.is_directory() && !entry.path().filename().string().starts_with('.'))
                jobs.push_back({entry.path().string(), done});
    }
    std::sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) {
        return a.path < b.path;
    });
    return jobs;
}

void judge_presence(const audit_facts& facts, token_index::number number, audit_report& report)
{
    const token_facts& token = facts.tokens[number];
    if (token.requests > 0 && token.named_by == 0)
        report.violate(
            audit_rule::stranger,
            fmt::format(
                "{} was requested {} times, but no accepted job names it",
                facts.index.text(number),
                token.requests
            )
        );
    if (token.would_delete && token.requests > 0 && !token.named_for_real)
        report.violate(
            audit_rule::dry_run_sent,
            facts.index.text(number) + " stands in a dry run only, and was requested"
        );
}

void judge_deletion(const audit_facts& facts, token_index::number number, audit_report& report)
{
    const token_facts& token = facts.tokens[number];
    if (token.deleted > token.proofs)
        report.violate(
            audit_rule::unproven,
            fmt::format(
                "{} is recorded as deleted {} times, but {} requests for it deleted and were "
                "answered 2xx",
                facts.index.text(number),
                token.deleted,
                token.proofs
            )
        );

    // A job that has not ended may still write what it knows. A token that one job deleted is not
    // found by the next.
    const bool accounted = token.deleted > 0 || token.already_gone || token.unknown;
    const bool lost = token.executed > 0 && token.named_by != 0 && !accounted && !token.pending;
    if (lost && token.not_found)
        report.violate(
            audit_rule::wrong_404,
            facts.index.text(number) + " is recorded as not_found, but a request deleted it"
        );
    else if (lost)
        report.violate(
            audit_rule::unrecorded,
            facts.index.text(number) +
                " was deleted, and no job records it as deleted, "
                "already_gone or unknown"
        );
    if (token.not_found && !token.answered_404)
        report.violate(
            audit_rule::wrong_404,
            facts.index.text(number) + " is recorded as not_found, but was never answered 404"
        );
}

void judge_gone(
    const audit_options& options,
    const audit_facts& facts,
    token_index::number number,
    audit_report& report
)
{
    const token_facts& token = facts.tokens[number];
    if (!token.already_gone)
        return;
    // A request can be lost before the server reads it: then the ledger shows only the second. That
    // takes a connection that broke before, or a daemon that was killed.
    const bool may_be_second = options.crashed || facts.first_break_ns < token.first_request_ns;
    if (token.requests > 1 && token.answered_404)
        return;
    if (token.requests == 1 && token.executed == 0 && token.answered_404 && may_be_second)
        return;
    report.violate(
        audit_rule::unfounded_gone,
        fmt::format(
            "{} is recorded as already_gone; the ledger has {} requests for it, {}, and {}",
            facts.index.text(number),
            token.requests,
            token.answered_404 ? "one answered 404" : "none answered 404",
            may_be_second ? "connections were lost before" : "no connection was lost before"
        )
    );
}

}  // namespace

std::string_view to_string(audit_rule rule)
{
    switch (rule) {
        case audit_rule::unreadable:
            return "unreadable";
        case audit_rule::unproven:
            return "unproven";
        case audit_rule::record_count:
            return "record-count";
        case audit_rule::stranger:
            return "stranger";
        case audit_rule::wrong_404:
            return "wrong-404";
        case audit_rule::unfounded_gone:
            return "unfounded-gone";
        case audit_rule::unrecorded:
            return "unrecorded";
        case audit_rule::dry_run_sent:
            return "dry-run-sent";
        case audit_rule::silence:
            return "silence";
        case audit_rule::wrong_sum:
            return "wrong-sum";
    }
    return "?";
}

void audit_report::violate(audit_rule rule, std::string what)
{
    ++violations[static_cast<std::size_t>(rule)];
    if (shown.size() < shown_max)
        shown.push_back(fmt::format("[{}] {}", to_string(rule), what));
}

std::uint64_t audit_report::violation_count() const
{
    return std::accumulate(violations.begin(), violations.end(), std::uint64_t{0});
}

void judge_tokens(const audit_options& options, const audit_facts& facts, audit_report& report)
{
    for (std::size_t i = 0; i < facts.tokens.size(); ++i) {
        const auto number = static_cast<token_index::number>(i);
        judge_presence(facts, number, report);
        judge_deletion(facts, number, report);
        judge_gone(options, facts, number, report);
    }
}

result<audit_report> run_audit(const audit_options& options)
{
    for (const auto& name : options.ledgers)
        if (!fs::exists(name))
            return fault{"there is no ledger " + name};
    if (!options.spool.empty() && !fs::is_directory(options.spool))
        return fault{"there is no spool " + options.spool};

    audit_report report;
    audit_facts facts;
    for (const auto& name : options.ledgers)
        read_ledger_facts(name, options, facts, report);

    std::vector<job_folder> jobs;
    if (!options.spool.empty())
        jobs = jobs_of_spool(options.spool);
    for (const auto& path : options.jobs) {
        // The folder that holds a job is its state (docs/journal.md).
        const fs::path folder = fs::absolute(fs::path(path) / ".").parent_path();
        jobs.push_back({folder.string(), folder.parent_path().filename() == "done"});
    }
    std::uint32_t ordinal = 0;
    for (const auto& job : jobs) {
        ++(job.done ? report.jobs_done : report.jobs_active);
        read_job_facts(job.path, ++ordinal, job.done, options, facts, report);
    }
    facts.tokens.resize(facts.index.size());
    judge_tokens(options, facts, report);
    return report;
}

std::string render(const audit_report& report)
{
    std::string text = fmt::format(
        "ledger:   {} requests, {} deleted, {} answered 429, {} struck by a fault\n"
        "jobs:     {} done, {} active, {} token lines\n"
        "outcomes:",
        report.requests,
        report.executed,
        report.throttled,
        report.struck,
        report.jobs_done,
        report.jobs_active,
        report.token_lines
    );
    for (const auto& [name, count] : report.outcomes)
        text += fmt::format(" {} {}", name, count);
    text += report.outcomes.empty() ? " none\n" : "\n";

    const std::uint64_t total = report.violation_count();
    if (total == 0)
        return text + "audit: ok\n";
    for (const auto& line : report.shown)
        text += line + '\n';
    if (total > report.shown.size())
        text += fmt::format("... and {} more\n", total - report.shown.size());
    for (std::size_t i = 0; i < audit_rule_count; ++i)
        if (report.violations[i] > 0)
            text += fmt::format(
                "{}: {}\n", to_string(static_cast<audit_rule>(i)), report.violations[i]
            );
    return text + fmt::format("audit: {} violations\n", total);
}

}  // namespace sandbox
