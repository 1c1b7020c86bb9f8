#include "reaper/io/mark_file.hpp"

#include <string_view>

namespace reaper {

result<mark_file> mark_file::open(const std::string& path)
{
    auto file = open_or_make(path, 0640);
    if (!file)
        return file.error();

    auto bytes = read_file_bounded(path, 4096);
    if (!bytes)
        return bytes.error();
    mark_file opened(path, std::move(*file));
    opened.reading_ = decode_marks(*bytes);
    return opened;
}

result<void> mark_file::settle()
{
    if (const int failed = sync_data(file_->get()); failed != 0)
        return system_fault("cannot sync " + path_, failed);
    return {};
}

result<void> mark_file::write(const send_mark& mark)
{
    if (auto written = put(mark); !written)
        return written;
    if (auto synced = settle(); !synced)
        return synced;
    kept(mark);
    return {};
}

result<void> mark_file::put(const send_mark& mark)
{
    const auto slot = encode_mark(mark);
    const int failed = write_all_at(
        file_->get(),
        mark_slot_offsets[reading_.next_slot],
        std::string_view(slot.data(), slot.size())
    );
    if (failed != 0)
        return system_fault("cannot write " + path_, failed);
    return {};
}

void mark_file::kept(const send_mark& mark)
{
    if (reading_.mark == mark)
        return;  // the file was closed after put(), and has read it since
    reading_ = mark_reading{.mark = mark, .next_slot = 1 - reading_.next_slot, .damaged = false};
}

}  // namespace reaper
