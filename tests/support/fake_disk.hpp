#pragma once
// What jobs have on disk, in memory: what is written and what is durable are told apart, so that a
// crash can be had at any moment. Recovery goes through the real scanner of the results log.

#include "reaper/engine/recovered_job.hpp"
#include "reaper/model/job.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/record.hpp"
#include "reaper/model/summary.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace reaper::test {

struct job_files
{
    job_manifest manifest;
    std::string input;
    std::vector<std::string> tokens;  // by ordinal from 1; empty for an invalid line
    std::string results;              // as the page cache has it
    std::size_t durable = 0;          // bytes of it that every crash leaves
    std::uint64_t reserved = 0;
    std::uint64_t lines = 0;           // of `results`
    std::set<std::uint64_t> recorded;  // ordinals with a durable record
    std::optional<send_mark> mark;
    std::optional<send_mark> mark_under_way;
    std::optional<job_state> state;
    bool sent_noted = false;
    std::optional<job_summary> summary;  // it is done
};

// What a crash leaves of bytes that were written and not synced.
enum class crash_tail
{
    lost,
    kept,
    torn,   // the first half
    nulls,  // their length, but not their content
};

struct job_spec
{
    std::string id = "job";
    // "" stands for a line that is no token; a token said before is a duplicate.
    std::vector<std::string> tokens;
    std::string account = "prod";
    job_options options{};
    bool dry_run = false;
    std::vector<hold> holds{};
};

class fake_disk
{
public:
    // Takes a job in as the daemon does: invalid and duplicate lines have their records.
    job_files& add(const job_spec& spec, wall_time now);

    void crash(crash_tail tail);
    [[nodiscard]] recovered_job recover(const std::string& id);

    // Writes and syncs as the ports promise; they check what the engine promises.
    void write(job_files& files, std::uint64_t offset, std::string_view bytes);
    void sync(job_files& files);

    std::map<std::string, job_files> jobs;
    std::map<std::string, limit_state> limits;
    std::set<std::string> proofs;
};

// The records of a log, which must be whole.
[[nodiscard]] std::vector<result_record> records_of(std::string_view results);

// "token-<number>", as 32 hexadecimal digits.
[[nodiscard]] std::vector<std::string> some_tokens(std::size_t count, std::uint64_t first = 1);

}  // namespace reaper::test
