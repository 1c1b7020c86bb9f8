#include "reaper/io/directory.hpp"

#include "reaper/io/file_ops.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

namespace reaper {

result<directory_listing> directory_listing::open(const std::string& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return system_fault("cannot open the directory " + path);
    DIR* stream = ::fdopendir(file);
    if (stream == nullptr) {
        const int error_number = errno;
        ::close(file);
        return system_fault("cannot read the directory " + path, error_number);
    }
    return directory_listing{stream};
}

std::optional<std::string> directory_listing::next()
{
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(stream_.get());
        if (entry == nullptr) {
            failure_ = errno;
            return std::nullopt;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            return std::string{name};
    }
}

result<void> ensure_directory(const std::string& path, mode_t mode)
{
    if (::mkdir(path.c_str(), 0700) != 0) {
        const int error_number = errno;
        struct stat about = {};
        if (error_number == EEXIST && ::stat(path.c_str(), &about) == 0) {
            if (S_ISDIR(about.st_mode))
                return {};
            return fault{path + " is not a directory: move it away", ENOTDIR};
        }
        return system_fault("cannot make the directory " + path, error_number);
    }
    struct stat about = {};
    if (::stat(path.c_str(), &about) != 0)
        return system_fault("cannot look at " + path);
    if (::chmod(path.c_str(), mode | (about.st_mode & S_ISGID)) != 0)
        return system_fault("cannot set the modes of " + path);
    return {};
}

result<void> remove_job_directory(const std::string& path)
{
    {
        auto listing = directory_listing::open(path);
        if (!listing) {
            if (listing.error().error_number == ENOENT)
                return {};
            return listing.error();
        }
        while (const auto name = listing->next()) {
            if (::unlinkat(listing->descriptor(), name->c_str(), 0) != 0 && errno != ENOENT)
                return system_fault("cannot remove " + path + "/" + *name);
        }
        if (listing->failed())
            return system_fault("cannot read the directory " + path, listing->failure());
    }
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT)
        return system_fault("cannot remove the directory " + path);
    return {};
}

result<void> rename_surely(const std::string& from, const std::string& to)
{
    struct stat source = {};
    if (::lstat(from.c_str(), &source) != 0)
        return system_fault("cannot look at " + from);
    if (::rename(from.c_str(), to.c_str()) == 0)
        return {};
    const int error_number = errno;
    struct stat target = {};
    struct stat rest = {};
    const bool arrived = ::lstat(to.c_str(), &target) == 0 && target.st_ino == source.st_ino &&
                         target.st_dev == source.st_dev;
    if (arrived && ::lstat(from.c_str(), &rest) != 0 && errno == ENOENT)
        return {};
    return system_fault("cannot rename " + from + " to " + to, error_number);
}

}  // namespace reaper
