#include "job_text_gate.hpp"

#include "reaper/base/octets.hpp"

#include <cstddef>

namespace reaper::job_file {
namespace {

constexpr std::size_t step_bytes = 4 * octets_size;

// True if none of the bytes of a step is NUL or beyond ASCII: as signed numbers, all are above 0.
bool is_plain(const char* bytes)
{
    const auto above_zero = [bytes](std::size_t part) -> octet_mask {
        return load_signed_octets(bytes + part * octets_size) > 0;
    };
    return is_everywhere(above_zero(0) & above_zero(1) & above_zero(2) & above_zero(3));
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
