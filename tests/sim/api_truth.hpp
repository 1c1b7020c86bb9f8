#pragma once
// What really happened at the API, for the oracle of a run: it knows what the daemon can only
// conclude.

#include "reaper/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace reaper::test {

// One request that was handed to a connection, whether or not it ever arrived.
struct request_truth
{
    std::uint64_t connection = 0;
    std::uint64_t ordinal = 0;  // on its connection, from 1
    std::size_t credential = 0;
    std::string token{};

    mono_time written_at{};             // handed to the connection
    mono_time arrived_at = mono_never;  // mono_never: it did not, or nobody looked at it
    mono_time read_at = mono_never;     // its answer has been handed over in full; else mono_never
    int status = 0;                     // of the answer that was made for it; 0: none was
    unsigned retry_after = 0;           // seconds, as the answer says; 0: it does not
    bool removed = false;               // this request deleted the campaign
    bool existed = false;               // the campaign was there when it arrived
};

// Somebody else deleted a campaign.
struct removal_by_rival
{
    mono_time at{};
    std::size_t app = 0;
    std::string token{};
};

// A pair of keys that leads to an app, and the limit that is counted for it.
struct credential
{
    std::size_t app = 0;
    std::string api_key{};
    std::string rest_key{};
    std::size_t limit = 0;
    bool valid = true;
};

struct api_truth
{
    std::vector<request_truth> requests{};  // in the order in which they were written
    std::vector<removal_by_rival> removals{};
    std::vector<credential> credentials{};

    // What the daemon must never do and did, as seen from the network: requests that are none, keys
    // that nobody gave it, something sent inside a silence... A run fails with them.
    std::vector<std::string> violations{};
};

}  // namespace reaper::test
