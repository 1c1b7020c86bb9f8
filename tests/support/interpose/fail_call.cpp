// The calls that can fail. Each asks first whether it is to, then calls the next definition.

#include "call_orders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace {

using interpose::fails;
using interpose::fails_at;
using interpose::kind;

// The next definition of a name: the C library's, or a sanitizer's.
template <class Call>
Call* next_of(const char* name)
{
    void* found = ::dlsym(RTLD_NEXT, name);
    if (found == nullptr)
        std::abort();
    Call* call = nullptr;
    std::memcpy(&call, &found, sizeof call);
    return call;
}

// A call that failed with 0 is a short one: half of what was asked, and all of a single byte.
bool is_short()
{
    return errno == 0;
}

std::size_t shortened(std::size_t size)
{
    return size > 1 ? size / 2 : size;
}

mode_t mode_of(int flags, va_list rest)
{
    const bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? static_cast<mode_t>(va_arg(rest, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_of(flags, rest);
    va_end(rest);
    static auto* const real = next_of<int(const char*, int, ...)>("open");
    return fails_at(kind::open, AT_FDCWD, path) ? -1 : real(path, flags, mode);
}

int open64(const char* path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_of(flags, rest);
    va_end(rest);
    static auto* const real = next_of<int(const char*, int, ...)>("open64");
    return fails_at(kind::open, AT_FDCWD, path) ? -1 : real(path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = mode_of(flags, rest);
    va_end(rest);
    static auto* const real = next_of<int(int, const char*, int, ...)>("openat");
    return fails_at(kind::open, directory, path) ? -1 : real(directory, path, flags, mode);
}

ssize_t read(int file, void* into, size_t size)
{
    static auto* const real = next_of<ssize_t(int, void*, size_t)>("read");
    if (!fails_at(kind::read, file))
        return real(file, into, size);
    return is_short() ? real(file, into, shortened(size)) : -1;
}

ssize_t pread(int file, void* into, size_t size, off_t offset)
{
    static auto* const real = next_of<ssize_t(int, void*, size_t, off_t)>("pread");
    if (!fails_at(kind::read, file))
        return real(file, into, size, offset);
    return is_short() ? real(file, into, shortened(size), offset) : -1;
}

ssize_t write(int file, const void* from, size_t size)
{
    static auto* const real = next_of<ssize_t(int, const void*, size_t)>("write");
    if (!fails_at(kind::write, file))
        return real(file, from, size);
    return is_short() ? real(file, from, shortened(size)) : -1;
}

ssize_t pwrite(int file, const void* from, size_t size, off_t offset)
{
    static auto* const real = next_of<ssize_t(int, const void*, size_t, off_t)>("pwrite");
    if (!fails_at(kind::write, file))
        return real(file, from, size, offset);
    return is_short() ? real(file, from, shortened(size), offset) : -1;
}

int fsync(int file)
{
    static auto* const real = next_of<int(int)>("fsync");
    return fails_at(kind::fsync, file) ? -1 : real(file);
}

int fdatasync(int file)
{
    static auto* const real = next_of<int(int)>("fdatasync");
    return fails_at(kind::fsync, file) ? -1 : real(file);
}

int rename(const char* from, const char* to) noexcept
{
    static auto* const real = next_of<int(const char*, const char*)>("rename");
    return fails_at(kind::rename, AT_FDCWD, from) ? -1 : real(from, to);
}

int renameat(int from_directory, const char* from, int to_directory, const char* to) noexcept
{
    static auto* const real = next_of<int(int, const char*, int, const char*)>("renameat");
    if (fails_at(kind::rename, from_directory, from))
        return -1;
    return real(from_directory, from, to_directory, to);
}

int unlink(const char* path) noexcept
{
    static auto* const real = next_of<int(const char*)>("unlink");
    return fails_at(kind::unlink, AT_FDCWD, path) ? -1 : real(path);
}

int unlinkat(int directory, const char* path, int flags) noexcept
{
    static auto* const real = next_of<int(int, const char*, int)>("unlinkat");
    return fails_at(kind::unlink, directory, path) ? -1 : real(directory, path, flags);
}

int mkdir(const char* path, mode_t mode) noexcept
{
    static auto* const real = next_of<int(const char*, mode_t)>("mkdir");
    return fails_at(kind::mkdir, AT_FDCWD, path) ? -1 : real(path, mode);
}

int rmdir(const char* path) noexcept
{
    static auto* const real = next_of<int(const char*)>("rmdir");
    return fails_at(kind::rmdir, AT_FDCWD, path) ? -1 : real(path);
}

int fallocate(int file, int mode, off_t offset, off_t size)
{
    static auto* const real = next_of<int(int, int, off_t, off_t)>("fallocate");
    return fails_at(kind::fallocate, file) ? -1 : real(file, mode, offset, size);
}

int ftruncate(int file, off_t size) noexcept
{
    static auto* const real = next_of<int(int, off_t)>("ftruncate");
    return fails_at(kind::ftruncate, file) ? -1 : real(file, size);
}

int stat(const char* path, struct stat* about) noexcept
{
    static auto* const real = next_of<int(const char*, struct stat*)>("stat");
    return fails_at(kind::stat, AT_FDCWD, path) ? -1 : real(path, about);
}

int lstat(const char* path, struct stat* about) noexcept
{
    static auto* const real = next_of<int(const char*, struct stat*)>("lstat");
    return fails_at(kind::stat, AT_FDCWD, path) ? -1 : real(path, about);
}

int fstat(int file, struct stat* about) noexcept
{
    static auto* const real = next_of<int(int, struct stat*)>("fstat");
    return fails_at(kind::stat, file) ? -1 : real(file, about);
}

int fstatat(int directory, const char* path, struct stat* about, int flags) noexcept
{
    static auto* const real = next_of<int(int, const char*, struct stat*, int)>("fstatat");
    return fails_at(kind::stat, directory, path) ? -1 : real(directory, path, about, flags);
}

int chmod(const char* path, mode_t mode) noexcept
{
    static auto* const real = next_of<int(const char*, mode_t)>("chmod");
    return fails_at(kind::chmod, AT_FDCWD, path) ? -1 : real(path, mode);
}

int fchmod(int file, mode_t mode) noexcept
{
    static auto* const real = next_of<int(int, mode_t)>("fchmod");
    return fails_at(kind::chmod, file) ? -1 : real(file, mode);
}

int fcntl(int file, int order, ...)
{
    va_list rest;
    va_start(rest, order);
    void* const argument = va_arg(rest, void*);
    va_end(rest);
    static auto* const real = next_of<int(int, int, ...)>("fcntl");
    return fails_at(kind::fcntl, file) ? -1 : real(file, order, argument);
}

DIR* fdopendir(int directory)
{
    static auto* const real = next_of<DIR*(int)>("fdopendir");
    return fails_at(kind::opendir, directory) ? nullptr : real(directory);
}

dirent* readdir(DIR* directory)
{
    static auto* const real = next_of<dirent*(DIR*)>("readdir");
    return fails_at(kind::readdir, ::dirfd(directory)) ? nullptr : real(directory);
}

int fstatvfs(int file, struct statvfs* about) noexcept
{
    static auto* const real = next_of<int(int, struct statvfs*)>("fstatvfs");
    return fails_at(kind::statfs, file) ? -1 : real(file, about);
}

int inotify_init1(int flags) noexcept
{
    static auto* const real = next_of<int(int)>("inotify_init1");
    return fails(kind::inotify_init, "inotify") ? -1 : real(flags);
}

int inotify_add_watch(int file, const char* path, uint32_t mask) noexcept
{
    static auto* const real = next_of<int(int, const char*, uint32_t)>("inotify_add_watch");
    return fails_at(kind::inotify_watch, AT_FDCWD, path) ? -1 : real(file, path, mask);
}

int socket(int domain, int type, int protocol) noexcept
{
    static auto* const real = next_of<int(int, int, int)>("socket");
    return fails(kind::socket, "socket") ? -1 : real(domain, type, protocol);
}

int epoll_create1(int flags) noexcept
{
    static auto* const real = next_of<int(int)>("epoll_create1");
    return fails(kind::epoll, "epoll_create1") ? -1 : real(flags);
}

int epoll_ctl(int file, int order, int descriptor, epoll_event* event) noexcept
{
    static auto* const real = next_of<int(int, int, int, epoll_event*)>("epoll_ctl");
    const bool adds = order == EPOLL_CTL_ADD;
    if (adds && interpose::fails_on(kind::epoll, descriptor))
        return -1;
    return real(file, order, descriptor, event);
}

int timerfd_create(int clock, int flags) noexcept
{
    static auto* const real = next_of<int(int, int)>("timerfd_create");
    return fails(kind::timerfd, "timerfd") ? -1 : real(clock, flags);
}

int eventfd(unsigned count, int flags) noexcept
{
    static auto* const real = next_of<int(unsigned, int)>("eventfd");
    return fails(kind::eventfd, "eventfd") ? -1 : real(count, flags);
}

}  // extern "C"
