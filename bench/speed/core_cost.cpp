// What a token costs the cores, without socket, file, clock and kernel: the same instructions at
// every run, so that callgrind's count of them can be a gate (scripts/check-instructions).
//
//   core_cost delivery|delivery-heads|delivery-forms|intake|journal-write|journal-read|recovery
//   TOKENS [input]
//
// With `input` it only makes what it would read: to be subtracted.
// delivery: the engine sends every token and takes every answer. delivery-heads: the same, and each
// answer has a request id of its own. delivery-forms: answers have a field that the one before did
// not have. intake: a file is read and searched for duplicates. journal-write, journal-read:
// records of results alone. recovery: the results of a job are read again.

#include "delivery_cost.hpp"
#include "reaper/core/duplicates.hpp"
#include "reaper/core/job_reader.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/engine/recovered_job.hpp"

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace reaper;
using bench::deliver;
using bench::heads;

constexpr std::size_t token_bytes = 32;
constexpr std::size_t piece_bytes = 64 * 1024;

std::string token_of(std::uint64_t number)
{
    std::string text(token_bytes, '0');
    for (std::size_t at = 0; at < text.size(); ++at, number = number * 6364136223846793005u + 1)
        text[at] = "0123456789abcdef"[number >> 60];
    return text;
}

std::string job_text(std::uint64_t tokens)
{
    std::string text;
    text.reserve(tokens * (token_bytes + 1));
    for (std::uint64_t n = 1; n <= tokens; ++n)
        text += token_of(n) + '\n';
    return text;
}

bool take_in(std::uint64_t tokens, std::string_view text)
{
    const token_rule rule(token_shape{}, campaign_kind::campaigns);
    job_reader reader(job_format::text, &rule);
    duplicate_finder seen(1);
    seen.expect(tokens);
    std::uint64_t found = 0;
    for (std::size_t at = 0; at <= text.size(); at += piece_bytes) {
        reader.feed(text.substr(at, piece_bytes));
        while (const auto item = reader.next())
            found += item->valid && seen.insert(item->token) ? 1U : 0U;
    }
    return found == tokens;
}

record_view record_of(std::uint64_t n, std::string_view token)
{
    record_view line;
    line.ts = wall_time(std::chrono::milliseconds(1'764'000'000'000 + n / 50));
    line.n = line.line = n;
    line.token = token;
    line.status = 200;
    line.attempts = 1;
    line.milliseconds = 1.5;
    return line;
}

std::string results_log(std::uint64_t tokens)
{
    std::string log;
    log.reserve(tokens * 200);
    for (std::uint64_t n = 1; n <= tokens; ++n) {
        const std::string token = token_of(n);
        append_record(log, record_of(n, token));
    }
    return log;
}

// The tokens of a job text, one to a line.
bool write_records(std::uint64_t tokens, std::string_view text)
{
    record_encoder encoder;
    std::array<char, record_bytes_max> bytes;
    std::size_t written = 0;
    for (std::uint64_t n = 1; n <= tokens; ++n)
        written += encoder.encode(
            record_of(n, text.substr((n - 1) * (token_bytes + 1), token_bytes)), bytes
        );
    return written > 100 * tokens;
}

bool read_records(std::uint64_t tokens, std::string_view log)
{
    std::uint64_t read = 0;
    while (!log.empty()) {
        const std::size_t end = log.find('\n');
        const auto record = decode_record(log.substr(0, end));
        read += record && record->n == read + 1 ? 1U : 0U;
        log.remove_prefix(end + 1);
    }
    return read == tokens;
}

bool recover(std::uint64_t tokens, std::string_view log)
{
    recovered_job job;
    job.manifest.total = tokens;
    journal_scanner scanner;
    for (std::size_t at = 0; at < log.size(); at += piece_bytes) {
        scanner.feed(log.substr(at, piece_bytes));
        while (const auto record = scanner.next())
            job.take(*record, 1000);
    }
    return !job.damage && job.counts[outcome::deleted] == tokens;
}

}  // namespace

int main(int count, char** words)
{
    const std::string_view mode = count >= 3 ? words[1] : "";
    const std::uint64_t tokens = count >= 3 ? std::strtoull(words[2], nullptr, 10) : 0;
    const bool only_input = count == 4 && std::string_view(words[3]) == "input";
    const heads say = mode == "delivery-heads"   ? heads::ids
                      : mode == "delivery-forms" ? heads::forms
                                                 : heads::same;
    const bool delivers = mode == "delivery" || say != heads::same;
    const bool reads = mode == "recovery" || mode == "journal-read";
    const bool takes = mode == "intake" || mode == "journal-write";
    if (!(delivers || reads || takes) || tokens == 0 || count > 4 || (count == 4 && !only_input)) {
        std::cerr << "usage: core_cost delivery|delivery-heads|delivery-forms|intake|recovery|"
                     "journal-write|journal-read TOKENS [input]\n";
        return EXIT_FAILURE;
    }
    std::string input = reads ? results_log(tokens) : job_text(tokens);
    if (only_input)
        return EXIT_SUCCESS;
    const bool right = delivers                  ? deliver(tokens, std::move(input), say)
                       : mode == "intake"        ? take_in(tokens, input)
                       : mode == "journal-write" ? write_records(tokens, input)
                       : mode == "journal-read"  ? read_records(tokens, input)
                                                 : recover(tokens, input);
    return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
