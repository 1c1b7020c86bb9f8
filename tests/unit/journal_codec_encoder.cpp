// What an encoder keeps of the line before is a matter of speed: a line says the same without it.

#include "reaper/core/journal_codec.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace reaper {
namespace {

// Changes one thing of the record, or a few, or nothing.
void change(result_record& record, std::mt19937_64& random)
{
    const auto below = [&](std::uint64_t end) { return random() % end; };
    ++record.n;
    record.line = record.n;
    switch (below(16)) {
        case 0:
            record.n = below(2) == 0 ? 1 + (random() >> below(64)) : 1 + below(1000);
            break;
        case 1:
            record.line += below(3);
            break;
        case 2:
            record.ts += std::chrono::milliseconds(below(2) == 0 ? 1 : 60'000);
            break;
        case 3:
            record.ts = wall_time(std::chrono::milliseconds(below(250'000'000'000'000)));
            break;
        case 4:
            record.ts = wall_time{} + std::chrono::years(9000);  // not 24 characters long
            break;
        case 5:
            record.milliseconds = below(2) == 0 ? -1 : static_cast<double>(below(1000)) / 10;
            break;
        case 6:
            record.result = all_outcomes[below(outcome_count)];
            break;
        case 7:
            record.status = below(2) == 0 ? 0 : static_cast<int>(below(999));
            break;
        case 8:
            record.attempts = static_cast<unsigned>(below(3));
            break;
        case 9:
            record.code = below(2) == 0 ? "" : "31";
            break;
        case 10:
            record.message = below(2) == 0 ? "" : "MALFORMED";
            break;
        case 11:
            record.token = below(2) == 0 ? "" : std::string(below(129), 'x');
            break;
        default:
            break;
    }
}

TEST(RecordEncoder, ALineIsTheSameWhateverCameBeforeIt)
{
    std::mt19937_64 random(20261126);
    record_encoder encoder;
    result_record record;
    std::array<char, record_bytes_max> room;
    for (int i = 0; i < 50'000; ++i) {
        change(record, random);
        std::string alone;
        append_record(alone, record);
        const std::size_t bytes = encoder.encode(record_view(record), room);
        ASSERT_EQ(std::string_view(room.data(), bytes), alone) << "line " << i;
    }
}

TEST(OrdinalDigits, AreThoseOfTheNumberWhereverItComes)
{
    ordinal_digits digits;
    for (std::uint64_t value = 0; value < 20'000; ++value)
        ASSERT_EQ(digits.of(value), std::to_string(value));
    constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (const std::uint64_t value :
         {std::uint64_t{9},
          std::uint64_t{10},
          std::uint64_t{99},
          std::uint64_t{98},
          std::uint64_t{99},
          std::uint64_t{99},
          last - 1,
          last,
          std::uint64_t{0},
          std::uint64_t{1}})
        ASSERT_EQ(digits.of(value), std::to_string(value));
}

}  // namespace
}  // namespace reaper
