#pragma once
// What the fuzzer gives, taken apart: a text, and behind it two bytes that say how it is used. The
// text comes first, so that a seed is a file as people write it, with two bytes more.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace reaper::fuzz {

// Ends the program where a rule does not hold: libFuzzer keeps the input, the replay names its
// file.
inline void must(bool holds, const char* rule)
{
    if (holds)
        return;
    std::fprintf(stderr, "a rule does not hold: %s\n", rule);
    std::abort();
}

class feed_plan
{
public:
    feed_plan(const std::uint8_t* data, std::size_t size)
        : text_(reinterpret_cast<const char*>(data), size < 2 ? size : size - 2)
    {
        if (size >= 2) {
            seed_ = data[size - 2];
            variant_ = data[size - 1];
        }
    }

    [[nodiscard]] std::string_view text() const { return text_; }

    // Which of its variants a target tries: rules, limits, kinds of file.
    [[nodiscard]] unsigned variant() const { return variant_; }

    // The bytes in pieces: single bytes if the seed is 0, else of sizes up to a bound that the seed
    // gives.
    [[nodiscard]] std::vector<std::string_view> pieces(std::string_view bytes) const
    {
        std::vector<std::string_view> all;
        std::uint32_t state = seed_;
        const std::uint32_t bound = 1 + seed_ % 61;
        while (!bytes.empty()) {
            state = state * 1664525 + 1013904223;
            all.push_back(bytes.substr(0, seed_ == 0 ? 1 : 1 + (state >> 16) % bound));
            bytes.remove_prefix(all.back().size());
        }
        return all;
    }

private:
    std::string_view text_;
    std::uint8_t seed_ = 0;
    std::uint8_t variant_ = 0;
};

// Takes small numbers off the front of a text; 0 once it is used up.
class byte_source
{
public:
    explicit byte_source(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }

    std::uint8_t byte()
    {
        if (rest_.empty())
            return 0;
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }

    std::uint64_t number(unsigned bytes)
    {
        std::uint64_t value = 0;
        for (; bytes > 0; --bytes)
            value = value << 8 | byte();
        return value;
    }

    std::string_view take(std::size_t bytes)
    {
        const std::string_view taken = rest_.substr(0, bytes);
        rest_.remove_prefix(taken.size());
        return taken;
    }

private:
    std::string_view rest_;
};

}  // namespace reaper::fuzz

// What every target defines; libFuzzer and the replay call it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
