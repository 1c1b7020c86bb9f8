// Calls that name a file by its path.

#include "sim/posix_wrap.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

using reaper::test::answer;
using reaper::test::owner_of;

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

int __real_open(const char* path, int flags, ...);
int __real_openat(int directory, const char* path, int flags, ...);
int __real_rename(const char* from, const char* to);
int __real_link(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_unlinkat(int directory, const char* path, int flags);
int __real_mkdir(const char* path, mode_t mode);
int __real_rmdir(const char* path);
int __real_stat(const char* path, struct stat* about);
int __real_lstat(const char* path, struct stat* about);
int __real_fstatat(int directory, const char* path, struct stat* about, int flags);
int __real_statvfs(const char* path, struct statvfs* about);
int __real_access(const char* path, int mode);
int __real_chmod(const char* path, mode_t mode);

int __wrap_open(const char* path, int flags, ...)
{
    std::va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{0};
    va_end(more);
    if (auto* const ours = owner_of(path))
        return answer(ours->open(AT_FDCWD, path, flags, mode));
    return __real_open(path, flags, mode);
}

int __wrap_openat(int directory, const char* path, int flags, ...)
{
    std::va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : mode_t{0};
    va_end(more);
    if (auto* const ours = owner_of(directory, path))
        return answer(ours->open(directory, path, flags, mode));
    return __real_openat(directory, path, flags, mode);
}

int __wrap_rename(const char* from, const char* to)
{
    auto* const ours = owner_of(from);
    if (ours != owner_of(to))
        return answer(-EXDEV);
    return ours != nullptr ? answer(ours->rename(from, to)) : __real_rename(from, to);
}

int __wrap_link(const char* from, const char* to)
{
    auto* const ours = owner_of(from);
    if (ours != owner_of(to))
        return answer(-EXDEV);
    return ours != nullptr ? answer(ours->link(from, to)) : __real_link(from, to);
}

int __wrap_unlink(const char* path)
{
    auto* const ours = owner_of(path);
    return ours != nullptr ? answer(ours->unlink(AT_FDCWD, path, false)) : __real_unlink(path);
}

int __wrap_unlinkat(int directory, const char* path, int flags)
{
    if (auto* const ours = owner_of(directory, path))
        return answer(ours->unlink(directory, path, (flags & AT_REMOVEDIR) != 0));
    return __real_unlinkat(directory, path, flags);
}

int __wrap_mkdir(const char* path, mode_t mode)
{
    auto* const ours = owner_of(path);
    return ours != nullptr ? answer(ours->make_directory(path, mode)) : __real_mkdir(path, mode);
}

int __wrap_rmdir(const char* path)
{
    auto* const ours = owner_of(path);
    return ours != nullptr ? answer(ours->unlink(AT_FDCWD, path, true)) : __real_rmdir(path);
}

int __wrap_stat(const char* path, struct stat* about)
{
    if (auto* const ours = owner_of(path))
        return answer(ours->stat(AT_FDCWD, path, true, *about));
    return __real_stat(path, about);
}

int __wrap_lstat(const char* path, struct stat* about)
{
    if (auto* const ours = owner_of(path))
        return answer(ours->stat(AT_FDCWD, path, false, *about));
    return __real_lstat(path, about);
}

int __wrap_fstatat(int directory, const char* path, struct stat* about, int flags)
{
    if (auto* const ours = owner_of(directory, path))
        return answer(ours->stat(directory, path, (flags & AT_SYMLINK_NOFOLLOW) == 0, *about));
    return __real_fstatat(directory, path, about, flags);
}

int __wrap_statvfs(const char* path, struct statvfs* about)
{
    auto* const ours = owner_of(path);
    return ours != nullptr ? answer(ours->space(path, *about)) : __real_statvfs(path, about);
}

int __wrap_access(const char* path, int mode)
{
    struct stat about = {};
    if (auto* const ours = owner_of(path))
        return answer(ours->stat(AT_FDCWD, path, true, about));
    return __real_access(path, mode);
}

int __wrap_chmod(const char* path, mode_t mode)
{
    auto* const ours = owner_of(path);
    return ours != nullptr ? answer(ours->set_mode(path, mode)) : __real_chmod(path, mode);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
