// Shifts the wall clock of the process that it is loaded into: CLOCK_REALTIME, gettimeofday() and
// time() are off by the seconds in the file SHIFT_CLOCK, an int64_t that may be written at any
// moment. The monotonic clock, and the kernel's own times of files, stay as they are.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>

namespace {

using seconds = std::atomic<std::int64_t>;

const seconds* map_shift()
{
    const char* const path = ::getenv("SHIFT_CLOCK");
    if (path == nullptr)
        return nullptr;
    const long file = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return nullptr;
    void* const shared =
        ::mmap(nullptr, sizeof(seconds), PROT_READ, MAP_SHARED, static_cast<int>(file), 0);
    ::syscall(SYS_close, file);
    return shared == MAP_FAILED ? nullptr : static_cast<const seconds*>(shared);
}

std::int64_t shift()
{
    static const seconds* const by = map_shift();
    return by == nullptr ? 0 : by->load(std::memory_order_relaxed);
}

// Not syscall(2): the daemon reads its clocks often, and the C library does so without the kernel.
int real_clock(clockid_t clock, timespec* now)
{
    using call = int(clockid_t, timespec*);
    static call* const next = [] {
        void* const found = ::dlsym(RTLD_NEXT, "clock_gettime");
        call* as_call = nullptr;
        std::memcpy(&as_call, &found, sizeof as_call);
        return as_call;
    }();
    return next(clock, now);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept
{
    const int failed = real_clock(clock, now);
    if (failed == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += shift();
    return failed;
}

int gettimeofday(timeval* now, void*) noexcept
{
    timespec precise{};
    const int failed = real_clock(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec + shift();
    now->tv_usec = precise.tv_nsec / 1000;
    return failed;
}

time_t time(time_t* now) noexcept
{
    timespec precise{};
    real_clock(CLOCK_REALTIME, &precise);
    const time_t shifted = precise.tv_sec + shift();
    if (now != nullptr)
        *now = shifted;
    return shifted;
}

}  // extern "C"
