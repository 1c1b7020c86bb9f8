// Runs a target over every file of the folders that it is given: the seeds and all that fuzzing has
// found become ordinary tests, for any compiler.

#include "feed_plan.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace {

void replay(const std::filesystem::path& path)
{
    // Before the target runs: if it ends the program, this line says on what.
    std::fprintf(stderr, "%s\n", path.c_str());
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    // In memory of its own size: whoever reads past it is seen by AddressSanitizer.
    const auto owned = std::make_unique<std::uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), owned.get());
    LLVMFuzzerTestOneInput(owned.get(), bytes.size());
}

}  // namespace

int main(int count, char** arguments)
{
    std::size_t replayed = 0;
    for (int i = 1; i < count; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(arguments[i])) {
            replay(entry.path());
            ++replayed;
        }
    }
    std::printf("%zu inputs\n", replayed);
    return replayed > 0 ? 0 : 1;
}
