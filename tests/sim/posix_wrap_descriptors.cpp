// Calls on descriptors and directory streams.

#include "sim/posix_wrap.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>

using reaper::test::answer;
using reaper::test::owner_of_file;
using reaper::test::owner_of_stream;

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

int __real_close(int file);
ssize_t __real_read(int file, void* into, std::size_t size);
ssize_t __real_pread(int file, void* into, std::size_t size, off_t offset);
ssize_t __real_write(int file, const void* from, std::size_t size);
ssize_t __real_pwrite(int file, const void* from, std::size_t size, off_t offset);
int __real_fsync(int file);
int __real_fdatasync(int file);
int __real_syncfs(int file);
int __real_sync_file_range(int file, off_t offset, off_t size, unsigned flags);
int __real_fstat(int file, struct stat* about);
int __real_fstatvfs(int file, struct statvfs* about);
int __real_fstatfs(int file, struct statfs* about);
int __real_fchmod(int file, mode_t mode);
int __real_fallocate(int file, int mode, off_t offset, off_t size);
int __real_posix_fallocate(int file, off_t offset, off_t size);
int __real_ftruncate(int file, off_t size);
int __real_fcntl(int file, int command, ...);
DIR* __real_fdopendir(int file);
dirent* __real_readdir(DIR* stream);
int __real_closedir(DIR* stream);
int __real_dirfd(DIR* stream);

int __wrap_close(int file)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->close(file)) : __real_close(file);
}

ssize_t __wrap_read(int file, void* into, std::size_t size)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->read(file, static_cast<char*>(into), size));
    return __real_read(file, into, size);
}

ssize_t __wrap_pread(int file, void* into, std::size_t size, off_t offset)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->read_at(file, static_cast<char*>(into), size, offset));
    return __real_pread(file, into, size, offset);
}

ssize_t __wrap_write(int file, const void* from, std::size_t size)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->write(file, {static_cast<const char*>(from), size}));
    return __real_write(file, from, size);
}

ssize_t __wrap_pwrite(int file, const void* from, std::size_t size, off_t offset)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->write_at(file, {static_cast<const char*>(from), size}, offset));
    return __real_pwrite(file, from, size, offset);
}

int __wrap_fsync(int file)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->sync(file)) : __real_fsync(file);
}

int __wrap_fdatasync(int file)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->sync(file)) : __real_fdatasync(file);
}

int __wrap_syncfs(int file)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->sync_all(file)) : __real_syncfs(file);
}

int __wrap_sync_file_range(int file, off_t offset, off_t size, unsigned flags)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->sync_range(file));
    return __real_sync_file_range(file, offset, size, flags);
}

int __wrap_fstat(int file, struct stat* about)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->stat_file(file, *about)) : __real_fstat(file, about);
}

int __wrap_fstatvfs(int file, struct statvfs* about)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->space_of(file, *about)) : __real_fstatvfs(file, about);
}

int __wrap_fstatfs(int file, struct statfs* about)
{
    if (owner_of_file(file) == nullptr)
        return __real_fstatfs(file, about);
    *about = {};
    about->f_type = EXT4_SUPER_MAGIC;
    return 0;
}

int __wrap_fchmod(int file, mode_t mode)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->set_mode_of(file, mode)) : __real_fchmod(file, mode);
}

int __wrap_fallocate(int file, int mode, off_t offset, off_t size)
{
    if (auto* const ours = owner_of_file(file))
        return answer(ours->reserve(file, mode, offset, size));
    return __real_fallocate(file, mode, offset, size);
}

int __wrap_posix_fallocate(int file, off_t offset, off_t size)
{
    if (auto* const ours = owner_of_file(file))
        return -ours->reserve(file, 0, offset, size);  // it returns the error, and leaves errno
    return __real_posix_fallocate(file, offset, size);
}

int __wrap_ftruncate(int file, off_t size)
{
    auto* const ours = owner_of_file(file);
    return ours != nullptr ? answer(ours->resize(file, size)) : __real_ftruncate(file, size);
}

int __wrap_fcntl(int file, int command, ...)
{
    // Every argument of fcntl() fits into a pointer, and that is how the C library passes it on.
    std::va_list more;
    va_start(more, command);
    void* const argument = va_arg(more, void*);
    va_end(more);
    auto* const ours = owner_of_file(file);
    if (ours == nullptr)
        return __real_fcntl(file, command, argument);
    switch (command) {
        case F_OFD_SETLK:
            return answer(ours->lock(file, *static_cast<const struct flock*>(argument)));
        case F_SETLEASE:
            return answer(ours->lease(file, static_cast<int>(reinterpret_cast<long>(argument))));
        case F_GETFL:
            return answer(ours->flags(file));
        case F_GETFD:
            return FD_CLOEXEC;
        case F_SETFD:
        case F_SETFL:
        case F_SETSIG:
            return 0;
        default:
            return answer(-EINVAL);
    }
}

// --- directory streams

DIR* __wrap_fdopendir(int file)
{
    auto* const ours = owner_of_file(file);
    if (ours == nullptr)
        return __real_fdopendir(file);
    int failed = 0;
    DIR* const stream = ours->open_stream(file, failed);
    if (failed != 0)
        errno = failed;
    return stream;
}

dirent* __wrap_readdir(DIR* stream)
{
    auto* const ours = owner_of_stream(stream);
    if (ours == nullptr)
        return __real_readdir(stream);
    int failed = 0;
    dirent* const entry = ours->next_entry(stream, failed);
    if (failed != 0)
        errno = failed;
    return entry;
}

int __wrap_closedir(DIR* stream)
{
    auto* const ours = owner_of_stream(stream);
    return ours != nullptr ? answer(ours->close_stream(stream)) : __real_closedir(stream);
}

int __wrap_dirfd(DIR* stream)
{
    auto* const ours = owner_of_stream(stream);
    return ours != nullptr ? ours->descriptor_of(stream) : __real_dirfd(stream);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
