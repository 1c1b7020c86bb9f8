#pragma once
// What fail_call.cpp is told by the environment, and its count of calls. The library is loaded into
// the daemon with LD_PRELOAD and lets its system calls on the spool fail.
//
//   FAIL_CALL_BELOW    only calls on files and directories below this path
//   FAIL_CALL_KIND     a name of the table below (write, fsync, rename, ...), or "any"; none: only
//   count FAIL_CALL_AT       the first of its calls that fails, from 1 FAIL_CALL_TIMES    how many
//   fail from there on; 0: all FAIL_CALL_ERRNO    with this errno; 0: a write that is short by half
//   (of a read: too) FAIL_CALL_NAMED    only where the path holds this text FAIL_CALL_MENDED   once
//   this file exists, nothing fails any more FAIL_CALL_HIT      gets a line "KIND N PATH" when the
//   first one fails FAIL_CALL_COUNTS   gets a line "KIND N" for each kind when the process exits
//   FAIL_CALL_TRACE    gets a line "KIND N PATH" for every call
//
// Kinds without a path (timerfd, epoll, eventfd, socket, inotify_init) count wherever they are
// called. The library makes its own calls with syscall(2), so that it never meets itself.

#include <string_view>

namespace interpose {

enum class kind : unsigned
{
    open,
    read,
    write,
    fsync,
    rename,
    unlink,
    mkdir,
    rmdir,
    fallocate,
    ftruncate,
    stat,
    chmod,
    fcntl,
    opendir,
    readdir,
    statfs,
    inotify_init,
    inotify_watch,
    socket,
    epoll,
    timerfd,
    eventfd,
    count,
};

// True if this call, of a kind and on a path, is to fail; errno is set then (0: a short call).
[[nodiscard]] bool fails(kind k, std::string_view path);

// The same for calls on a descriptor, or on a name in a directory: false unless it is below the
// spool.
[[nodiscard]] bool fails_at(kind k, int descriptor);
[[nodiscard]] bool fails_at(kind k, int directory, const char* name);

// The same for a descriptor of any sort; its path may be "anon_inode:inotify", "socket:[1]", ...
[[nodiscard]] bool fails_on(kind k, int descriptor);

}  // namespace interpose
