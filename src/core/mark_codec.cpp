#include "reaper/core/mark_codec.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace reaper {
namespace {

constexpr std::string_view magic = "RPRMARK2";

// Of the first form, which had no `durable_bytes`: still read, after an upgrade.
constexpr std::string_view magic_1 = "RPRMARK1";

constexpr std::size_t sum_bytes = 8;

std::uint64_t fnv1a(std::string_view bytes)
{
    std::uint64_t hash = 14695981039346656037u;
    for (const char byte : bytes) {
        hash ^= static_cast<unsigned char>(byte);
        hash *= 1099511628211u;
    }
    return hash;
}

void put_u64(char* to, std::uint64_t value)
{
    for (unsigned i = 0; i < 8; ++i)
        to[i] = static_cast<char>(value >> (8 * i) & 0xffu);
}

std::uint64_t take_u64(std::string_view from)
{
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << (8 * i);
    return value;
}

// Whether `slot` begins with a whole slot of `bytes` bytes of this form.
bool is_whole(std::string_view slot, std::string_view form, std::size_t bytes)
{
    const std::size_t summed = bytes - sum_bytes;
    return slot.size() >= bytes && slot.starts_with(form) &&
           take_u64(slot.substr(summed)) == fnv1a(slot.substr(0, summed));
}

std::optional<send_mark> decode_slot(std::string_view slot)
{
    const bool now = is_whole(slot, magic, mark_slot_bytes);
    if (!now && !is_whole(slot, magic_1, mark_slot_bytes - 8))
        return std::nullopt;
    return send_mark{
        .epoch = take_u64(slot.substr(8)),
        .upto = take_u64(slot.substr(16)),
        .durable_bytes = now ? take_u64(slot.substr(24)) : 0};
}

bool is_blank(std::string_view slot)
{
    return std::all_of(slot.begin(), slot.end(), [](char c) { return c == '\0'; });
}

}  // namespace

std::array<char, mark_slot_bytes> encode_mark(const send_mark& mark)
{
    std::array<char, mark_slot_bytes> slot;
    std::copy(magic.begin(), magic.end(), slot.begin());
    put_u64(slot.data() + 8, mark.epoch);
    put_u64(slot.data() + 16, mark.upto);
    put_u64(slot.data() + 24, mark.durable_bytes);
    put_u64(slot.data() + 32, fnv1a(std::string_view(slot.data(), 32)));
    return slot;
}

mark_reading decode_marks(std::string_view file)
{
    mark_reading reading;
    std::size_t blank = 0;
    for (std::size_t i = 0; i < mark_slot_offsets.size(); ++i) {
        const auto slot = file.substr(std::min(file.size(), mark_slot_offsets[i]), mark_slot_bytes);
        blank += is_blank(slot) ? 1u : 0u;
        const auto mark = decode_slot(slot);
        if (!mark)
            continue;
        if (!reading.mark ||
            std::tie(mark->epoch, mark->upto) > std::tie(reading.mark->epoch, reading.mark->upto)) {
            reading.mark = mark;
            reading.next_slot = 1 - i;
        }
    }
    reading.damaged = !reading.mark && blank == 0;
    return reading;
}

}  // namespace reaper
