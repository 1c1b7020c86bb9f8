// results.jsonl cut at every byte and with every bit flipped, through the scanner and into what
// recovery makes of it (SPEC 3, 5; docs/journal.md, "What a flipped bit does").

#include "reaper/core/journal_codec.hpp"
#include "reaper/core/mark_codec.hpp"
#include "reaper/engine/recovered_job.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace reaper {
namespace {

constexpr std::uint64_t total = 20;

// Two of each outcome, as the daemon writes them, in the order of completion.
std::vector<result_record> every_outcome()
{
    static constexpr char digits[] = "0123456789abcdef";
    std::vector<result_record> all;
    for (std::uint64_t i = 0; i < total; ++i) {
        result_record record;
        record.ts = wall_time(std::chrono::milliseconds(1'795'379'415'123 + i * 41));
        record.n = (i * 7) % total + 1;  // 7 and 20 share no factor: every ordinal once
        record.line = record.n + 2;
        record.result = all_outcomes[i % outcome_count];
        if (record.result != outcome::invalid) {
            record.token.assign(30, 'c');
            record.token += {digits[record.n / 16], digits[record.n % 16]};
        }
        if (was_sent(record) || record.result == outcome::refused) {
            record.status = record.result == outcome::refused ? 400 : 200;
            record.attempts = 1;
            record.milliseconds = 41.7;
        }
        if (record.result == outcome::refused) {
            record.code = i < 10 ? "31" : "E_PARAMETER";
            record.message = "MALFORMED_PARAMETER";
        }
        if (record.result == outcome::unknown)
            record.message = "the connection was \"reset\" \xE2\x80\xA6";
        all.push_back(std::move(record));
    }
    return all;
}

std::string log_of(const std::vector<result_record>& records)
{
    std::string log;
    for (const result_record& record : records)
        append_record(log, record);
    return log;
}

// What app/recovery does with a log.
struct recovery
{
    std::vector<result_record> records;
    std::uint64_t valid = 0;
    std::uint64_t torn = 0;
    bool log_damaged = false;
    bool held = false;  // for whatever reason
    std::uint64_t settled = 0;
    outcome_counts counts;
};

recovery recover(std::string_view log)
{
    recovered_job job;
    job.manifest.total = total;
    recovery found;
    journal_scanner scanner;
    const auto drain = [&] {
        while (auto record = scanner.next()) {
            job.take(*record, 1000);
            found.records.push_back(std::move(*record));
        }
    };
    scanner.feed(log);
    drain();
    scanner.finish();
    drain();
    found.valid = scanner.valid_bytes();
    found.torn = scanner.torn_bytes();
    found.log_damaged = scanner.damage().has_value();
    found.held = found.log_damaged || job.damage.has_value();
    found.settled = job.settled.count();
    found.counts = job.counts;
    return found;
}

std::string with_flipped(std::string bytes, std::size_t bit)
{
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    return bytes;
}

// Behind the last line end before the cut.
std::size_t valid_of(const std::string& log, std::size_t cut)
{
    const std::size_t end = cut == 0 ? log.npos : log.rfind('\n', cut - 1);
    return end == log.npos ? 0 : end + 1;
}

TEST(JournalDamage, ACutAtEveryByteGivesTheWholeRecordsBeforeItAndATornTail)
{
    const std::vector<result_record> all = every_outcome();
    const std::string log = log_of(all);
    for (std::size_t cut = 0; cut <= log.size(); ++cut) {
        const recovery found = recover(std::string_view(log).substr(0, cut));
        const auto whole = static_cast<std::size_t>(
            std::count(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(cut), '\n')
        );
        ASSERT_FALSE(found.held) << cut;
        ASSERT_EQ(found.records.size(), whole) << cut;
        ASSERT_TRUE(std::equal(found.records.begin(), found.records.end(), all.begin())) << cut;
        ASSERT_EQ(found.settled, whole) << cut;
        ASSERT_EQ(found.valid, valid_of(log, cut)) << cut;
        ASSERT_EQ(found.torn, cut - found.valid) << cut;
    }
}

// Which record a byte of the log belongs to.
std::size_t record_at(const std::string& log, std::size_t byte)
{
    return static_cast<std::size_t>(
        std::count(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(byte), '\n')
    );
}

TEST(JournalDamage, AFlippedBitIsHeldOrTornOrChangesOneValueThatDecidesNothing)
{
    const std::vector<result_record> all = every_outcome();
    const std::string log = log_of(all);
    const std::size_t last_start = log.rfind('\n', log.size() - 2);
    std::size_t held = 0;
    std::size_t unseen = 0;
    for (std::size_t bit = 0; bit < log.size() * 8; ++bit) {
        const recovery found = recover(with_flipped(log, bit));
        ASSERT_LE(found.records.size(), all.size()) << bit;
        if (found.held) {
            ++held;
            continue;
        }
        if (found.torn > 0) {
            // Only where a crash may have torn: the last line, or the line end before it.
            ASSERT_GE(bit / 8, last_start) << bit;
            ASSERT_LE(all.size() - found.records.size(), 2u) << bit;
            continue;
        }
        // Nothing was seen. No record is more, less, or of another token or outcome than it was.
        ++unseen;
        ASSERT_EQ(found.records.size(), all.size()) << bit;
        const std::size_t hit = record_at(log, bit / 8);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const result_record& read = found.records[i];
            ASSERT_TRUE(i == hit || read == all[i]) << bit;
            ASSERT_EQ(read.n, all[i].n) << bit;
            ASSERT_EQ(read.result, all[i].result) << bit;
        }
        ASSERT_EQ(found.settled, total) << bit;
    }
    EXPECT_GT(held, unseen) << "most flips are loud";
    EXPECT_GT(unseen, 0u) << "a digit of a time may become another: there is no checksum";
}

// While ordinals are free, a flip in `n` may name one of them. Recovery then still has no ordinal
// twice, so no token gets two records.
TEST(JournalDamage, AFlippedBitInALogHalfDoneNeverGivesAnOrdinalTwice)
{
    std::vector<result_record> half = every_outcome();
    half.resize(10);
    const std::string log = log_of(half);
    for (std::size_t bit = 0; bit < log.size() * 8; ++bit) {
        const recovery found = recover(with_flipped(log, bit));
        if (found.held)
            continue;
        ASSERT_LE(found.records.size(), half.size()) << bit;
        ASSERT_EQ(found.settled, found.records.size()) << bit;
        ASSERT_EQ(found.counts.total(), found.settled) << bit;
    }
}

TEST(JournalDamage, AnyFlippedBitOfAMarkLeavesOneOfTheTwo)
{
    const send_mark older{.epoch = 3, .upto = 100, .durable_bytes = 7};
    const send_mark newer{.epoch = 3, .upto = 256, .durable_bytes = 9};
    std::string file(mark_file_bytes, '\0');
    for (const auto& [mark, at] : {std::pair{older, std::size_t{0}}, {newer, std::size_t{512}}}) {
        const auto slot = encode_mark(mark);
        std::copy(slot.begin(), slot.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
    }
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
        const mark_reading reading = decode_marks(with_flipped(file, bit));
        ASSERT_FALSE(reading.damaged) << bit;
        ASSERT_TRUE(reading.mark) << bit;
        const bool hits_newer = bit / 8 >= 512;
        ASSERT_EQ(*reading.mark, hits_newer ? older : newer) << bit;
    }
}

TEST(JournalDamage, AMarkCutAtEveryByteIsTheOlderOrNone)
{
    const send_mark older{.epoch = 3, .upto = 100, .durable_bytes = 7};
    std::string file(mark_file_bytes, '\0');
    for (const std::size_t at : mark_slot_offsets) {
        const auto slot =
            encode_mark({.epoch = 3, .upto = at == 0 ? 100u : 256u, .durable_bytes = 7});
        std::copy(slot.begin(), slot.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
    }
    for (std::size_t cut = 0; cut < file.size(); ++cut) {
        const mark_reading reading = decode_marks(std::string_view(file).substr(0, cut));
        ASSERT_FALSE(reading.damaged) << cut;
        ASSERT_EQ(reading.mark, cut < mark_slot_bytes ? std::nullopt : std::optional(older)) << cut;
    }
}

}  // namespace
}  // namespace reaper
