#include "reaper/rt/warning_folder.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

unsigned warning_folder::offer(std::string_view key, std::string_view sentence, mono_time now)
{
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        if (entries_.size() >= keys_max) {
            const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& pair) {
                return pair.second.written;
            });
            entries_.erase(oldest);
        }
        entries_.emplace(key, entry{now, 0, {}});
        return 1;
    }
    entry& known = found->second;
    ++known.counted;
    if (now - known.written < interval) {
        known.sentence = sentence;
        return 0;
    }
    known.written = now;
    return std::exchange(known.counted, 0);
}

std::vector<warning_folder::repeated> warning_folder::take_due(mono_time now)
{
    std::vector<repeated> due;
    for (auto at = entries_.begin(); at != entries_.end();) {
        entry& known = at->second;
        if (now - known.written < interval) {
            ++at;
        } else if (known.counted == 0) {
            at = entries_.erase(at);
        } else {
            due.push_back({std::move(known.sentence), std::exchange(known.counted, 0)});
            known.written = now;
            ++at;
        }
    }
    return due;
}

}  // namespace reaper
