#pragma once
// Directories: reading one entry at a time, making, emptying.

#include "reaper/base/result.hpp"

#include <dirent.h>

#include <memory>
#include <optional>
#include <string>

namespace reaper {

// The names in a directory, without "." and "..", in no order. It may be kept open while files come
// and go: what is there all the time is seen.
class directory_listing
{
public:
    // Follows no link in the last component: who can write beside it could point it anywhere.
    [[nodiscard]] static result<directory_listing> open(const std::string& path);

    // nullopt at the end, or when the disk fails: then failed() is true.
    [[nodiscard]] std::optional<std::string> next();

    [[nodiscard]] bool failed() const { return failure_ != 0; }

    // Its errno, or 0.
    [[nodiscard]] int failure() const { return failure_; }

    // For openat() and its kind; valid as long as this object.
    [[nodiscard]] int descriptor() const { return ::dirfd(stream_.get()); }

private:
    struct closer
    {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };

    explicit directory_listing(DIR* stream) : stream_(stream) {}

    std::unique_ptr<DIR, closer> stream_;
    int failure_ = 0;
};

// Makes a directory with exactly these modes, whatever the umask, plus the parent's set-group-id.
// One that is there already is left as it is.
[[nodiscard]] result<void> ensure_directory(const std::string& path, mode_t mode);

// Removes a directory and the plain files in it. Fine if it is not there; a fault if it holds
// directories.
[[nodiscard]] result<void> remove_job_directory(const std::string& path);

// Renames and tells the truth: after an error it looks whether it happened all the same, as on a
// network file system it may (Postfix, NFS_README). ENOENT if there is nothing to rename.
[[nodiscard]] result<void> rename_surely(const std::string& from, const std::string& to);

}  // namespace reaper
