#pragma once
// The bytes of `mark`, the may-have-been-sent mark of a job (SPEC 5, docs/journal.md): two slots
// that are written in turn, each in a sector of its own, so that a torn write leaves the other.

#include "reaper/model/job_state.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace reaper {

inline constexpr std::size_t mark_slot_bytes = 40;
inline constexpr std::array<std::size_t, 2> mark_slot_offsets = {0, 512};
inline constexpr std::size_t mark_file_bytes = 512 + mark_slot_bytes;

[[nodiscard]] std::array<char, mark_slot_bytes> encode_mark(const send_mark& mark);

struct mark_reading
{
    // The slot with the larger (epoch, upto) of those that fit; nullopt if none has ever been
    // written whole: then no token has been sent, since the mark is synced before.
    std::optional<send_mark> mark;
    std::size_t next_slot = 0;  // where the next one goes: never over the one that holds

    // Both slots hold something and neither fits. No crash does that: any token may have been sent.
    bool damaged = false;
};

// Reads a whole file, of any size.
[[nodiscard]] mark_reading decode_marks(std::string_view file);

}  // namespace reaper
