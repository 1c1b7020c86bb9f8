#include "reaper/core/mark_codec.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper {
namespace {

std::string slot_of(const send_mark& mark)
{
    const auto bytes = encode_mark(mark);
    return std::string(bytes.begin(), bytes.end());
}

// A file with these two slots; an empty one is blank.
std::string file_of(std::string first, std::string second)
{
    first.resize(mark_slot_bytes, '\0');
    std::string file = first;
    if (!second.empty()) {
        file.resize(mark_slot_offsets[1], '\0');
        file += second;
    }
    return file;
}

// The sum as docs/journal.md has it.
std::string sum_of(std::string_view bytes)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string sum;
    for (unsigned i = 0; i < 8; ++i)
        sum += static_cast<char>(hash >> (8 * i) & 0xff);
    return sum;
}

const send_mark older{.epoch = 3, .upto = 100, .durable_bytes = 5000};
const send_mark newer{.epoch = 3, .upto = 256, .durable_bytes = 9000};

TEST(MarkCodec, TheSlotIsAsDocumented)
{
    const std::string slot =
        slot_of({.epoch = 0x0102, .upto = 0xf000000000000003, .durable_bytes = 0x040000});
    ASSERT_EQ(slot.size(), 40u);
    EXPECT_EQ(slot.substr(0, 8), "RPRMARK2");
    EXPECT_EQ(slot.substr(8, 8), std::string("\x02\x01\0\0\0\0\0\0", 8));
    EXPECT_EQ(slot.substr(16, 8), std::string("\x03\0\0\0\0\0\0\xf0", 8));
    EXPECT_EQ(slot.substr(24, 8), std::string("\0\0\x04\0\0\0\0\0", 8));
    EXPECT_EQ(slot.substr(32), sum_of(slot.substr(0, 32)));
}

TEST(MarkCodec, TheFirstFormIsStillRead)
{
    std::string slot =
        "RPRMARK1" + std::string("\x02\0\0\0\0\0\0\0", 8) + std::string("\x03\x01\0\0\0\0\0\0", 8);
    slot += sum_of(slot);
    const send_mark old{.epoch = 2, .upto = 0x0103, .durable_bytes = 0};
    EXPECT_EQ(decode_marks(slot).mark, old);
    EXPECT_EQ(decode_marks(file_of(slot, slot)).mark, old);
    EXPECT_EQ(decode_marks(file_of(slot, slot_of(newer))).mark, newer);
    for (std::size_t bit = 0; bit < slot.size() * 8; ++bit) {
        std::string flipped = slot;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(decode_marks(flipped).mark) << bit;
    }
}

TEST(MarkCodec, NoFileOrABlankOneHasNoMark)
{
    for (const std::string& file : {std::string(), std::string(32, '\0'), std::string(552, '\0')}) {
        const mark_reading reading = decode_marks(file);
        EXPECT_FALSE(reading.mark);
        EXPECT_FALSE(reading.damaged);
        EXPECT_EQ(reading.next_slot, 0u);
    }
}

TEST(MarkCodec, TheSlotWithTheLargerMarkHolds)
{
    EXPECT_EQ(decode_marks(file_of(slot_of(older), "")).mark, older);
    EXPECT_EQ(decode_marks(file_of(slot_of(older), "")).next_slot, 1u);
    EXPECT_EQ(decode_marks(file_of(slot_of(older), slot_of(newer))).mark, newer);
    EXPECT_EQ(decode_marks(file_of(slot_of(older), slot_of(newer))).next_slot, 0u);
    EXPECT_EQ(decode_marks(file_of(slot_of(newer), slot_of(older))).mark, newer);
    EXPECT_EQ(decode_marks(file_of(slot_of(newer), slot_of(older))).next_slot, 1u);
}

TEST(MarkCodec, ALaterEpochOutweighsMoreTokens)
{
    const send_mark later{.epoch = 4, .upto = 1, .durable_bytes = 0};
    EXPECT_EQ(decode_marks(file_of(slot_of(newer), slot_of(later))).mark, later);
}

TEST(MarkCodec, ASlotTornAtAnyByteLeavesTheOther)
{
    const send_mark next{.epoch = 3, .upto = 512, .durable_bytes = 9900};
    for (std::size_t written = 0; written < mark_slot_bytes; ++written) {
        // The old bytes of the slot stay behind those that arrived.
        const std::string torn = slot_of(next).substr(0, written) + slot_of(older).substr(written);
        const mark_reading reading = decode_marks(file_of(torn, slot_of(newer)));
        ASSERT_TRUE(reading.mark) << written;
        EXPECT_EQ(*reading.mark, newer) << written;
        EXPECT_EQ(reading.next_slot, 0u) << written;
        EXPECT_FALSE(reading.damaged);
    }
}

TEST(MarkCodec, AFirstSlotTornAtAnyByteIsNoMark)
{
    for (std::size_t written = 0; written < mark_slot_bytes; ++written) {
        for (const bool cut : {true, false}) {
            std::string file = slot_of(newer).substr(0, written);
            if (!cut)
                file.resize(mark_slot_bytes, '\0');
            const mark_reading reading = decode_marks(file);
            EXPECT_FALSE(reading.mark) << written;
            EXPECT_FALSE(reading.damaged) << written;
            EXPECT_EQ(reading.next_slot, 0u);
        }
    }
}

TEST(MarkCodec, ASecondSlotCutAtAnyByteLeavesTheFirst)
{
    const std::string file = file_of(slot_of(older), slot_of(newer));
    ASSERT_EQ(file.size(), mark_file_bytes);
    for (std::size_t size = mark_slot_bytes; size < file.size(); ++size)
        EXPECT_EQ(decode_marks(file.substr(0, size)).mark, older) << size;
    EXPECT_EQ(decode_marks(file + "anything").mark, newer);
}

TEST(MarkCodec, AnyFlippedBitIsSeen)
{
    for (std::size_t bit = 0; bit < mark_slot_bytes * 8; ++bit) {
        std::string flipped = slot_of(newer);
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(decode_marks(file_of(flipped, slot_of(older))).mark, older) << bit;
    }
}

TEST(MarkCodec, TwoSlotsThatHoldSomethingElseAreDamage)
{
    const mark_reading reading = decode_marks(file_of("x", "y"));
    EXPECT_FALSE(reading.mark);
    EXPECT_TRUE(reading.damaged);
}

}  // namespace
}  // namespace reaper
