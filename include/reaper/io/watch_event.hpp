#pragma once
// What somebody saw happen in the spool: a hint, whoever tells it (spool_watch.hpp).

#include <cstdint>
#include <string>

namespace reaper {

struct watch_event
{
    enum class what : std::uint8_t
    {
        changed,     // look at `name` in the folder again
        renamed_in,  // `name` was renamed into the folder: it is whole
        control,     // look into control/ again
        rescan,      // events were lost, or a directory was replaced: look everywhere again
    };

    what is = what::rescan;
    std::string account;  // whose folder; empty for incoming/ itself
    std::string name;
};

}  // namespace reaper
