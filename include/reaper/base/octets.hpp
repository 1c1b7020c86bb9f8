#pragma once
// Sixteen characters at a time, in one register: an extension of GCC and Clang, on any machine.
// What is looked at in every byte of a job is worth it (base/hex, core/job_text_gate).

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace reaper {

using octets = std::uint8_t __attribute__((vector_size(16)));

using signed_octets = std::int8_t __attribute__((vector_size(16)));

// What a comparison gives: in each place all bits, or none.
using octet_mask = signed_octets;

inline constexpr std::size_t octets_size = sizeof(octets);

// Requires octets_size characters at `text`.
[[nodiscard]] inline octets load_octets(const char* text)
{
    octets loaded;
    std::memcpy(&loaded, text, sizeof loaded);
    return loaded;
}

[[nodiscard]] inline signed_octets load_signed_octets(const char* text)
{
    signed_octets loaded;
    std::memcpy(&loaded, text, sizeof loaded);
    return loaded;
}

[[nodiscard]] inline bool is_everywhere(octet_mask mask)
{
    std::uint64_t halves[2];
    std::memcpy(halves, &mask, sizeof halves);
    return (halves[0] & halves[1]) == ~std::uint64_t{0};
}

}  // namespace reaper
