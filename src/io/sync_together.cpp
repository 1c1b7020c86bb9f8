#include "reaper/io/sync_together.hpp"

#include "reaper/io/file_ops.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <vector>

namespace reaper {

int sync_together(std::span<const int> descriptors)
{
    std::vector<int> failures(descriptors.size(), 0);
    const auto sync_one = [&](std::size_t i) {
        if (retry_interrupted([&] { return ::fsync(descriptors[i]); }) != 0)
            failures[i] = errno;
    };
    {
        std::vector<std::jthread> others;  // joined at the end of the block
        others.reserve(descriptors.size());
        for (std::size_t i = 1; i < descriptors.size(); ++i) {
            try {
                others.emplace_back(sync_one, i);
            } catch (const std::system_error&) {
                sync_one(i);  // no thread to be had: then in a row
            }
        }
        if (!descriptors.empty())
            sync_one(0);
    }
    for (const int failed : failures) {
        if (failed != 0)
            return failed;
    }
    return 0;
}

}  // namespace reaper
