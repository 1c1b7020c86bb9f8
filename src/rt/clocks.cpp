#include "reaper/rt/clocks.hpp"

namespace reaper {

instant read_clocks()
{
    return {
        .mono = std::chrono::steady_clock::now(),
        .wall = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

}  // namespace reaper
