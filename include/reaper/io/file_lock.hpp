#pragma once
// A lock that the kernel drops when its holder dies: fcntl's open file description lock. The text
// in the file ("<pid> <host>") is for the reader only.

#include "reaper/base/result.hpp"
#include "reaper/io/file_ops.hpp"

#include <string>

namespace reaper {

class file_lock
{
public:
    // Takes the lock without waiting and writes `holder` into the file. If another holds it, the
    // fault's error_number is EWOULDBLOCK and its sentence is what the holder wrote, or "another
    // process".
    [[nodiscard]] static result<file_lock> acquire(
        const std::string& path, const std::string& holder
    );

    file_lock(file_lock&&) noexcept = default;
    file_lock& operator=(file_lock&&) noexcept = default;

private:
    explicit file_lock(unique_fd fd) : fd_(std::move(fd)) {}

    unique_fd fd_;
};

// "<pid> <host>" of this process.
[[nodiscard]] std::string lock_holder();

}  // namespace reaper
