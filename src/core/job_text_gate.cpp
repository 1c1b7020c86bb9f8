#include "job_text_gate.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace reaper::job_file {
namespace {

constexpr std::size_t step_bytes = 32;

// True if none of the bytes of a step is NUL or beyond ASCII.
bool is_plain(const char* bytes)
{
    constexpr std::uint64_t tops = 0x8080808080808080;
    constexpr std::uint64_t ones = 0x0101010101010101;
    std::array<std::uint64_t, step_bytes / sizeof(std::uint64_t)> words;
    std::memcpy(words.data(), bytes, step_bytes);
    // Without top bits, subtracting one borrows into a top bit only at a zero byte.
    std::uint64_t seen = 0;
    for (const std::uint64_t word : words)
        seen |= word | (word - ones);
    return (seen & tops) == 0;
}

constexpr const char* not_utf8 =
    "this is not a text file in UTF-8: drop a list of tokens, saved as UTF-8 (not as UTF-16)";

}  // namespace

std::size_t text_gate::check(std::string_view bytes)
{
    std::size_t at = 0;
    while (!failure_ && at < bytes.size()) {
        if (missing_ == 0 && bytes.size() - at >= step_bytes && is_plain(bytes.data() + at)) {
            at += step_bytes;
            continue;
        }
        if (!accept(static_cast<unsigned char>(bytes[at])))
            break;
        ++at;
    }
    return at;
}

bool text_gate::accept(unsigned char byte)
{
    if (byte == 0) {
        failure_ = "this is not a text file: it has a NUL byte (UTF-16 must be saved as UTF-8)";
    } else if (missing_ > 0) {
        if (byte < lowest_ || byte > highest_)
            failure_ = not_utf8;
        --missing_;
        lowest_ = 0x80;
        highest_ = 0xBF;
    } else if (byte >= 0x80) {
        begin_character(byte);
    }
    return !failure_;
}

void text_gate::begin_character(unsigned char byte)
{
    if (byte >= 0xC2 && byte <= 0xDF) {
        missing_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
        missing_ = 2;
        // No overlong forms, no surrogates.
        lowest_ = byte == 0xE0 ? 0xA0 : 0x80;
        highest_ = byte == 0xED ? 0x9F : 0xBF;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
        missing_ = 3;
        lowest_ = byte == 0xF0 ? 0x90 : 0x80;
        highest_ = byte == 0xF4 ? 0x8F : 0xBF;
    } else {
        failure_ = not_utf8;
    }
}

void text_gate::finish()
{
    if (!failure_ && missing_ > 0)
        failure_ = "the file ends within a character: it is cut, or is not UTF-8 text";
}

}  // namespace reaper::job_file
