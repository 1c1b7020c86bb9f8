#pragma once
// results.jsonl as a file: written at an offset that the caller keeps, synced when the caller says
// so, with space reserved behind its end (SPEC P5). It knows bytes, not records.

#include "reaper/base/result.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/syncer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reaper {

// Not synchronised: one thread at a time. The descriptor is closed on destruction; what was not
// synced is then in the kernel's hands.
class journal_file
{
public:
    // Opens the file, or makes it (0640, its directory entry durable).
    [[nodiscard]] static result<journal_file> open(const std::string& path);

    [[nodiscard]] result<std::uint64_t> size() const;

    // Up to `bytes_max` bytes from `offset`; fewer only at the end of the file.
    [[nodiscard]] result<std::string> read_at(std::uint64_t offset, std::size_t bytes_max) const;

    // Writes all of it. After a fault any part may have been written: write the same bytes at the
    // same offset again, or truncate.
    [[nodiscard]] result<void> write_at(std::uint64_t offset, std::string_view bytes);

    // Makes everything written durable. After a fault the kernel may have dropped what was not:
    // only a reopened file that is written anew tells the truth (fsyncgate), so the caller must
    // write again from the durable length on.
    [[nodiscard]] result<void> sync();

    // For a syncer, which does what sync() does without waiting.
    [[nodiscard]] shared_fd handle() const { return file_; }

    // Cuts the file, a torn tail off for example. Durable with the next sync().
    [[nodiscard]] result<void> truncate(std::uint64_t size);

    // Makes sure that the disk has room for the bytes from `from` to `upto`, without changing the
    // file's size. False if the file system cannot promise that: then keep free_bytes() above a
    // floor. A full disk is a fault (ENOSPC, EDQUOT).
    [[nodiscard]] result<bool> reserve(std::uint64_t from, std::uint64_t upto);

    // What the file system has left for us.
    [[nodiscard]] result<std::uint64_t> free_bytes() const;

    // Gives back what is reserved beyond `size`, the end of the file.
    [[nodiscard]] result<void> release_reserve(std::uint64_t size);

private:
    journal_file(std::string path, unique_fd file)
        : path_(std::move(path)), file_(std::make_shared<const unique_fd>(std::move(file)))
    {
    }

    std::string path_;
    shared_fd file_;
};

}  // namespace reaper
