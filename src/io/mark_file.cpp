#include "reaper/io/mark_file.hpp"

#include <fcntl.h>
#include <unistd.h>

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
    if (retry_interrupted([&] { return ::fdatasync(file_.get()); }) != 0)
        return system_fault("cannot sync " + path_);
    return {};
}

result<void> mark_file::write(const send_mark& mark)
{
    const auto slot = encode_mark(mark);
    const std::size_t to = reading_.next_slot;
    int failed = write_all_at(
        file_.get(), mark_slot_offsets[to], std::string_view(slot.data(), slot.size())
    );
    if (failed == 0 && retry_interrupted([&] { return ::fdatasync(file_.get()); }) != 0)
        failed = errno;
    if (failed != 0)
        return system_fault("cannot write " + path_, failed);
    reading_ = mark_reading{.mark = mark, .next_slot = 1 - to, .damaged = false};
    return {};
}

}  // namespace reaper
