#pragma once
// System calls on files as the rest of the shell wants them: owned descriptors, whole writes, no
// EINTR, and faults that name the path.

#include "reaper/base/result.hpp"

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace reaper {

// Owns a descriptor and closes it.
class unique_fd
{
public:
    unique_fd() = default;

    explicit unique_fd(int descriptor) : descriptor_(descriptor) {}

    ~unique_fd() { reset(); }

    unique_fd(unique_fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

    unique_fd& operator=(unique_fd&& other) noexcept
    {
        if (this != &other) {
            reset();
            descriptor_ = std::exchange(other.descriptor_, -1);
        }
        return *this;
    }

    [[nodiscard]] int get() const { return descriptor_; }

    [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }

    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

    void reset();

private:
    int descriptor_ = -1;
};

// Calls `call` again as long as a signal interrupts it.
template <class Call>
auto retry_interrupted(const Call& call)
{
    auto answer = call();
    while (answer < 0 && errno == EINTR)
        answer = call();
    return answer;
}

// Write everything or give the errno of what failed; 0 is success. After a failure any part of the
// bytes may have been written.
[[nodiscard]] int write_all(int descriptor, std::string_view bytes);
[[nodiscard]] int write_all_at(int descriptor, std::uint64_t offset, std::string_view bytes);

// The whole of a regular file, links followed. One of more than `bytes_max` bytes is a fault with
// EFBIG, one that is no regular file with EINVAL.
[[nodiscard]] result<std::string> read_file_bounded(const std::string& path, std::size_t bytes_max);

// Replaces the file `path`: written to `.<name>.tmp` beside it, synced, renamed, directory synced.
// Whoever reads meanwhile, or after a crash, finds the old content or the new, whole. `mode` is
// exact, whatever the umask. After a fault the file is the old one, or, if only the last sync
// failed, it is uncertain which one a power loss leaves.
[[nodiscard]] result<void> write_file_atomically(
    const std::string& path, std::string_view bytes, mode_t mode
);

// The same in pieces, for whoever does not wait for the disk: what draft_file() wrote is to be
// synced (fdatasync will do), then publish_draft() puts it into its place. The directory is not
// synced: a crash soon after it may leave the old file, which is whole, too. Of two drafts of one
// file the newer is published; a write_file_atomically() in between takes its place.
[[nodiscard]] result<unique_fd> draft_file(
    const std::string& path, std::string_view bytes, mode_t mode
);
[[nodiscard]] result<void> publish_draft(const std::string& path);

// The same for content that nobody's data depend on: whole for every reader, but not synced.
[[nodiscard]] result<void> replace_file(
    const std::string& path, std::string_view bytes, mode_t mode
);

// Opens a file to read and to write it, or makes it: then its name is durable.
[[nodiscard]] result<unique_fd> open_or_make(const std::string& path, mode_t mode);

// Makes what was created, renamed or removed in a directory durable.
[[nodiscard]] result<void> sync_directory(const std::string& path);

// The directory that holds `path`: "." for a bare name.
[[nodiscard]] std::string parent_directory(const std::string& path);

}  // namespace reaper
