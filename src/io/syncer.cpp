#include "reaper/io/syncer.hpp"

#include <unistd.h>

#include <cerrno>

namespace reaper {

int sync_data(int descriptor)
{
    return retry_interrupted([&] { return ::fdatasync(descriptor); }) == 0 ? 0 : errno;
}

}  // namespace reaper
