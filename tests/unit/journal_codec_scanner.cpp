// The scanner of a whole results log: what a crash leaves, what damage is.

#include "reaper/core/journal_codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace reaper {
namespace {

std::string log_of(std::uint64_t count)
{
    std::string log;
    for (std::uint64_t n = 1; n <= count; ++n) {
        result_record record;
        record.ts = wall_time(std::chrono::milliseconds(1'795'379'415'123));
        record.n = n;
        record.line = n + 1;
        record.token = "a0082dc6a0082dc6a0082dc6a0082dc6";
        record.status = 200;
        append_record(log, record);
    }
    return log;
}

struct scan
{
    std::vector<result_record> records;
    std::uint64_t valid = 0;
    std::uint64_t torn = 0;
    std::optional<fault> damage;
    bool has_hole = false;

    friend bool operator==(const scan&, const scan&) = default;
};

scan scanned(std::string_view log, std::size_t chunk = std::string::npos)
{
    journal_scanner scanner;
    scan found;
    const auto drain = [&] {
        while (auto record = scanner.next())
            found.records.push_back(std::move(*record));
    };
    drain();
    while (!log.empty()) {
        scanner.feed(log.substr(0, chunk));
        log.remove_prefix(std::min(chunk, log.size()));
        drain();
    }
    scanner.finish();
    drain();
    found.valid = scanner.valid_bytes();
    found.torn = scanner.torn_bytes();
    found.damage = scanner.damage();
    found.has_hole = scanner.damage_has_nul();
    return found;
}

TEST(JournalScanner, GivesTheRecordsOfAWholeLog)
{
    const std::string log = log_of(5);
    const scan found = scanned(log);
    ASSERT_EQ(found.records.size(), 5u);
    EXPECT_EQ(found.records[4].n, 5u);
    EXPECT_EQ(found.valid, log.size());
    EXPECT_EQ(found.torn, 0u);
    EXPECT_FALSE(found.damage);
}

TEST(JournalScanner, AnEmptyLogIsWhole)
{
    EXPECT_EQ(scanned(""), scan{});
}

TEST(JournalScanner, ChunksMakeNoDifference)
{
    const std::string log = log_of(4) + "torn";
    const scan whole = scanned(log);
    for (std::size_t chunk = 1; chunk <= log.size(); ++chunk)
        EXPECT_EQ(scanned(log, chunk), whole) << chunk;
}

TEST(JournalScanner, ACutAtEveryByteLosesOnlyTheTornRecord)
{
    const std::string log = log_of(4);
    for (std::size_t cut = 0; cut <= log.size(); ++cut) {
        const std::string_view rest = std::string_view(log).substr(0, cut);
        const scan found = scanned(rest);
        const auto whole_lines =
            static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n'));
        const auto line_end = rest.rfind('\n');
        EXPECT_FALSE(found.damage) << cut;
        EXPECT_EQ(found.records.size(), whole_lines) << cut;
        EXPECT_EQ(found.valid, line_end == std::string_view::npos ? 0 : line_end + 1) << cut;
        EXPECT_EQ(found.valid + found.torn, cut) << cut;
    }
}

TEST(JournalScanner, ALastLineThatIsNoRecordIsTornEvenWithItsLineEnd)
{
    const std::string log = log_of(3);
    for (const std::string tail : {"{\"ts\":\n", "\n", "{}\n", "x"}) {
        const scan found = scanned(log + tail);
        EXPECT_FALSE(found.damage) << tail;
        EXPECT_EQ(found.records.size(), 3u);
        EXPECT_EQ(found.valid, log.size());
        EXPECT_EQ(found.torn, tail.size());
    }
}

TEST(JournalScanner, NulsAtTheEndAreTorn)
{
    const std::string log = log_of(3);
    for (const std::size_t count : {1u, 4096u, 300'000u}) {
        const std::string nuls(count, '\0');
        for (const std::string& tail :
             {nuls, "{\"ts\"" + nuls, "{\"ts\"\n" + nuls, nuls + "\n", nuls + "\n" + nuls}) {
            for (const std::size_t chunk : {std::size_t{1000}, std::size_t{1} << 20}) {
                const scan found = scanned(log + tail, chunk);
                EXPECT_FALSE(found.damage);
                EXPECT_EQ(found.records.size(), 3u);
                EXPECT_EQ(found.valid, log.size());
                EXPECT_EQ(found.torn, tail.size());
            }
        }
    }
}

TEST(JournalScanner, ABadLineBeforeTheLastIsDamage)
{
    const std::string log = log_of(2);
    const std::string nuls(5000, '\0');
    for (const std::string& bad :
         {std::string("x\n"),
          std::string("\n"),
          nuls + "\n",
          nuls + log,
          std::string("{}\n"),
          std::string(100'000, 'x') + "\n"}) {
        for (const std::size_t chunk : {std::size_t{1}, std::size_t{4096}, std::size_t{1} << 20}) {
            if (chunk == 1 && bad.size() > 10'000)
                continue;
            const scan found = scanned(log + bad + log, chunk);
            ASSERT_TRUE(found.damage);
            EXPECT_TRUE(found.damage->sentence.starts_with("line 3 of results.jsonl is no record"));
            EXPECT_EQ(found.records.size(), 2u);
            EXPECT_EQ(found.valid, log.size());
            EXPECT_EQ(found.torn, 0u) << "nothing of a damaged log may be cut";
        }
    }
}

TEST(JournalScanner, AHoleOfNulsInADamagedLogIsTold)
{
    const std::string log = log_of(2);
    const std::string half = log.substr(0, 40);
    for (const std::size_t nuls : {1u, 4096u, 300'000u}) {
        for (const std::size_t chunk : {std::size_t{7}, std::size_t{4096}, std::size_t{1} << 20}) {
            if (chunk == 7 && nuls > 10'000)
                continue;
            const std::string hole(nuls, '\0');
            for (const std::string& bad : {hole + half + "\n", half + hole + "\n", hole})
                EXPECT_TRUE(scanned(log + bad + log, chunk).has_hole) << nuls << ' ' << chunk;
            EXPECT_FALSE(scanned(log + half + "\n" + log + hole, chunk).has_hole)
                << "the line at fault has none";
            EXPECT_FALSE(scanned(log + half + hole, chunk).has_hole) << "torn, not damaged";
        }
    }
}

TEST(JournalScanner, TwoTornLinesAreDamage)
{
    EXPECT_TRUE(scanned(log_of(1) + "x\ny\n").damage);
    EXPECT_TRUE(scanned(log_of(1) + "x\ny").damage);
}

TEST(JournalScanner, AFlippedBitNeverCostsAnotherRecordUnseen)
{
    const std::string log = log_of(3);
    const auto whole = scanned(log).records;
    for (std::size_t bit = 0; bit < log.size() * 8; ++bit) {
        std::string flipped = log;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        const scan found = scanned(flipped);
        // Without the line end before it, the last line is longer.
        const bool in_last = bit / 8 >= log.size() / 3 * 2 - 1;
        if (found.damage) {
            EXPECT_FALSE(in_last) << bit;
        } else if (found.torn > 0) {
            EXPECT_TRUE(in_last) << bit;
        } else {
            ASSERT_EQ(found.records.size(), whole.size()) << bit;
            const std::size_t hit = bit / 8 / (log.size() / whole.size());
            for (std::size_t i = 0; i < whole.size(); ++i)
                EXPECT_TRUE(i == hit || found.records[i] == whole[i]) << bit;
        }
    }
}

}  // namespace
}  // namespace reaper
