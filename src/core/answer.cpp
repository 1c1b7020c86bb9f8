#include "reaper/core/answer.hpp"

#include <cassert>

namespace reaper {

verdict judge(const answer& given)
{
    switch (given.status) {
        case 401:
            return verdict::blocked;
        case 403:
            return verdict::misuse;
        case 404:
            return verdict::gone;
        case 408:
            return verdict::unclear;
        case 429:
            return verdict::throttled;
        case 503:
            return verdict::maintenance;
        default:
            break;
    }
    switch (given.status / 100) {
        case 2:
            return verdict::deleted;
        case 4:
            return verdict::refused;
        case 5:
            return verdict::unclear;
        default:
            // A redirect too: it is never followed, it would carry the key elsewhere.
            return verdict::broken;
    }
}

std::string_view to_string(verdict value)
{
    switch (value) {
        case verdict::deleted:
            return "deleted";
        case verdict::throttled:
            return "throttled";
        case verdict::gone:
            return "gone";
        case verdict::blocked:
            return "blocked";
        case verdict::misuse:
            return "misuse";
        case verdict::refused:
            return "refused";
        case verdict::maintenance:
            return "maintenance";
        case verdict::unclear:
            return "unclear";
        case verdict::broken:
            return "broken";
    }
    assert(false);
    return {};
}

}  // namespace reaper
