#pragma once
// Folds a warning that comes over and over into one line with a count: a log that says the same a
// thousand times hides everything else, and fills the disk.

#include "reaper/base/time.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// The first warning of a key is written at once. Those that follow are counted, and written as one,
// at most once a minute per key. At most 256 keys are remembered: with more, the one that was
// written longest ago is forgotten.
class warning_folder
{
public:
    static constexpr duration interval = std::chrono::seconds(60);
    static constexpr std::size_t keys_max = 256;

    // How often the warning came since it was last written, this time included, if it is to be
    // written now: 1 for the first. 0 if it is only counted.
    [[nodiscard]] unsigned offer(std::string_view key, std::string_view sentence, mono_time now);

    struct repeated
    {
        std::string sentence;
        unsigned times = 0;

        friend bool operator==(const repeated&, const repeated&) = default;
    };

    // The warnings that have been waiting with a count for a minute. They count as written. What
    // was not heard of since a minute ago is forgotten: it is new when it comes again.
    [[nodiscard]] std::vector<repeated> take_due(mono_time now);

private:
    struct entry
    {
        mono_time written{};
        unsigned counted = 0;
        std::string sentence;  // the last that was counted
    };

    std::map<std::string, entry, std::less<>> entries_;
};

}  // namespace reaper
