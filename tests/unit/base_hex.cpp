#include "reaper/base/hex.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace reaper {
namespace {

bool all(const std::string& text, std::string_view digits)
{
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return digits.find(c) != std::string_view::npos;
    });
}

void expect_as_digit_by_digit(const std::string& text)
{
    const hex_number read = read_hex(text.data());
    EXPECT_EQ(read.lower, all(text, "0123456789abcdef")) << text;
    EXPECT_EQ(read.upper, all(text, "0123456789ABCDEF")) << text;
    EXPECT_EQ(is_hex_run(text), all(text, "0123456789abcdefABCDEF")) << text;
}

TEST(Hex, EveryByteAtEveryPlaceIsToldAsDigitByDigit)
{
    for (const std::string& base :
         {std::string(hex_run, '7'), std::string(hex_run, 'c'), std::string(hex_run, 'C')}) {
        for (std::size_t at = 0; at < hex_run; ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string text = base;
                text[at] = static_cast<char>(byte);
                expect_as_digit_by_digit(text);
            }
        }
    }
}

TEST(Hex, EveryDigitHasAPlaceOfItsOwn)
{
    std::set<std::pair<std::uint64_t, std::uint64_t>> numbers;
    for (std::size_t at = 0; at < hex_run; ++at) {
        for (const char digit : std::string("123456789abcdef")) {
            std::string text(hex_run, '0');
            text[at] = digit;
            const hex_number read = read_hex(text.data());
            EXPECT_TRUE(numbers.insert({read.high, read.low}).second) << text;
        }
    }
    // Digits do not touch each other: the number of a sum is the sum of the numbers.
    std::mt19937 random(1);
    for (int i = 0; i < 1000; ++i) {
        std::string text(hex_run, '0');
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        for (char& c : text) {
            std::string one(hex_run, '0');
            c = one[static_cast<std::size_t>(&c - text.data())] = "0123456789abcdef"[random() % 16];
            high += read_hex(one.data()).high;
            low += read_hex(one.data()).low;
        }
        EXPECT_EQ(read_hex(text.data()).high, high) << text;
        EXPECT_EQ(read_hex(text.data()).low, low) << text;
    }
}

TEST(Hex, CaseDoesNotChangeTheNumber)
{
    const std::string small = "0123456789abcdef0011223344aabbff";
    std::string capital = small;
    for (char& c : capital)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(read_hex(small.data()).high, read_hex(capital.data()).high);
    EXPECT_EQ(read_hex(small.data()).low, read_hex(capital.data()).low);
}

TEST(Hex, OnlyTheWholeLengthIsARun)
{
    EXPECT_FALSE(is_hex_run(std::string(hex_run - 1, 'a')));
    EXPECT_FALSE(is_hex_run(std::string(hex_run + 1, 'a')));
    EXPECT_FALSE(is_hex_run(""));
}

}  // namespace
}  // namespace reaper
