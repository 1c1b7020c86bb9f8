/* Preloaded: every fdatasync takes ten milliseconds more, as on a disk that turns. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int fdatasync(int file)
{
    static int (*real)(int);
    const struct timespec ten_ms = {0, 10 * 1000 * 1000};
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    nanosleep(&ten_ms, 0);
    return real(file);
}
