// Any bytes as `mark`: a reading never invents a mark, and a write that a crash tears at any byte
// leaves the mark before it or the new one (docs/journal.md).

#include "feed_plan.hpp"
#include "reaper/core/mark_codec.hpp"

#include <algorithm>
#include <string>

namespace reaper::fuzz {
namespace {

// The slots that hold this mark, byte for byte.
bool stands_in(std::string_view file, const send_mark& mark)
{
    const auto slot = encode_mark(mark);
    return std::any_of(mark_slot_offsets.begin(), mark_slot_offsets.end(), [&](std::size_t at) {
        return file.substr(std::min(at, file.size()), mark_slot_bytes) ==
               std::string_view(slot.data(), slot.size());
    });
}

// Writes marks as mark_file does: the first two whole, a third torn.
void check_writing(byte_source& from)
{
    std::string file(mark_file_bytes, '\0');
    send_mark newest;
    for (unsigned writes = 0; writes < 3; ++writes) {
        const mark_reading before = decode_marks(file);
        must(!before.damaged && before.mark.has_value() == (writes > 0), "marks are whole");
        const send_mark next{
            .epoch = newest.epoch + from.byte() % 2,
            .upto = newest.upto + 1 + from.number(4),
            .durable_bytes = from.number(4)};
        const auto slot = encode_mark(next);
        const std::size_t size = writes == 2 ? from.byte() % (slot.size() + 1) : slot.size();
        std::copy_n(
            slot.data(),
            size,
            file.begin() + static_cast<std::ptrdiff_t>(mark_slot_offsets[before.next_slot])
        );
        const mark_reading after = decode_marks(file);
        must(!after.damaged && after.mark.has_value(), "one slot always holds");
        const bool old_holds = writes > 0 && *after.mark == newest;
        must(*after.mark == next || (size < slot.size() && old_holds), "the old or the new mark");
        if (size == slot.size())
            must(after.next_slot != before.next_slot, "slots are written in turn");
        newest = *after.mark;
    }
}

// Puts a slot with a right sum into the file: the fuzzer would not find one.
void repair(std::string& file, byte_source from, std::size_t at)
{
    if (file.size() < at + mark_slot_bytes)
        return;
    const auto slot = encode_mark(
        {.epoch = from.number(1), .upto = from.number(2), .durable_bytes = from.number(2)}
    );
    std::copy(slot.begin(), slot.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    byte_source from(plan.text());
    check_writing(from);

    // The text once more, spread so that a small one reaches the second slot.
    constexpr std::size_t slot = reaper::mark_slot_bytes;
    std::string file(plan.text().substr(0, 2 * slot));
    if (file.size() > slot)
        file.insert(slot, reaper::mark_slot_offsets[1] - slot, '\0');
    if ((plan.variant() & 1) != 0)
        repair(file, byte_source(plan.text()), 0);
    if ((plan.variant() & 2) != 0)
        repair(
            file,
            byte_source(plan.text().substr(std::min<std::size_t>(plan.text().size(), 3))),
            reaper::mark_slot_offsets[1]
        );
    const auto reading = reaper::decode_marks(file);
    must(reading.next_slot < 2, "there are two slots");
    must(!(reading.damaged && reading.mark), "damaged means that no slot fits");
    // One of the first form has no durable bytes; what is written now has.
    if (reading.mark && reading.mark->durable_bytes > 0)
        must(stands_in(file, *reading.mark), "a mark that is read was written");
    return 0;
}
