#pragma once
// What the audit knows about each token, gathered from ledger and jobs, and judged at the end.

#include "sandbox/audit.hpp"
#include "sandbox/token_index.hpp"

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace sandbox {

struct token_facts
{
    std::int64_t first_request_ns = std::numeric_limits<std::int64_t>::max();
    std::uint32_t requests = 0;
    std::uint32_t named_by = 0;  // ordinal of the last job whose input names it; 0: none
    std::uint16_t executed = 0;  // requests that deleted it
    std::uint16_t proofs = 0;    // of these, answered 2xx
    std::uint16_t deleted = 0;   // records, here and below
    bool already_gone = false;
    bool not_found = false;
    bool unknown = false;
    bool would_delete = false;
    bool answered_404 = false;
    bool named_for_real = false;  // by a job that is no dry run
    bool pending = false;         // named by a job that has not ended, and without a record there
};

struct audit_facts
{
    token_index index;
    std::vector<token_facts> tokens;  // by the numbers of `index`
    // When a request could first have been lost: a connection was broken, or nothing was answered.
    std::int64_t first_break_ns = std::numeric_limits<std::int64_t>::max();

    token_facts& of(token_index::number number)
    {
        if (number >= tokens.size())
            tokens.resize(index.size());
        return tokens[number];
    }
};

// Reads a ledger; called for all ledgers of a run.
void read_ledger_facts(
    const std::string& file, const audit_options& options, audit_facts& facts, audit_report& report
);

// Reads a job folder: `ordinal` numbers the jobs from 1; `done` says that it has ended.
void read_job_facts(
    const std::string& folder,
    std::uint32_t ordinal,
    bool done,
    const audit_options& options,
    audit_facts& facts,
    audit_report& report
);

// The rules that compare both.
void judge_tokens(const audit_options& options, const audit_facts& facts, audit_report& report);

}  // namespace sandbox
