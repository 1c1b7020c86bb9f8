#pragma once
// The bytes of one modelled file: what programs read (the page cache), and what a power cut leaves.
//
// What a power cut may leave of changes that were not synced, and why:
// - Any write may be there or not, whatever the order: the kernel writes pages back as it likes.
// - A write may be torn, at a sector or, rarely, at any byte: neither POSIX nor every device
//   promises that 512 bytes are written whole.
// - The size may be that of the last write although the content is not there, and reads as NUL: the
//   size is metadata, and no file system but ext4 with data=ordered writes the data first.
// - A cut (truncation) that did not get there keeps what was written after it from getting there:
//   a file's own metadata is journalled in order.
// A sync that failed leaves its pages readable, clean and not on the disk: a second sync succeeds
// and means nothing. Only writing to the page again makes it due again. That is what Linux does.

#include "sim/dice.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

// What a power cut leaves of what was not synced.
enum class survival
{
    kept,
    lost,
    mixed,
};

class disk_content
{
public:
    // As every program sees it.
    [[nodiscard]] const std::string& bytes() const { return bytes_; }

    void write(std::uint64_t offset, std::string_view fresh);
    void resize(std::uint64_t size);
    void sync();
    void fail_sync();
    void crash(survival how, dice& chance);

    // True if a power cut would leave exactly bytes().
    [[nodiscard]] bool is_durable() const { return changes_.empty() && durable_size_ == size(); }

    // What a power cut leaves if it leaves nothing that was not synced.
    [[nodiscard]] std::string durable_bytes() const;

private:
    // A write within one page, or a cut or growth of the file to `size_after`.
    struct change
    {
        bool is_write;
        bool is_abandoned;  // by a sync that failed
        std::uint64_t offset;
        std::uint64_t size_after;
        std::string old;    // what was there: it ends where the file ended
        std::string fresh;  // as written
    };

    [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

    void write_within_page(std::uint64_t offset, std::string_view fresh);
    void revive(std::uint64_t page);
    [[nodiscard]] std::string replay_torn(std::string base, dice& chance) const;
    [[nodiscard]] std::string replay_scattered(std::string base, dice& chance) const;

    std::string bytes_;
    std::uint64_t durable_size_ = 0;
    std::vector<change> changes_;  // not on the disk, in order
    bool any_abandoned_ = false;
};

}  // namespace reaper::test
