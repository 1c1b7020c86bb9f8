#include "reaper/model/outcome.hpp"

namespace reaper {

std::string_view to_string(outcome value)
{
    switch (value) {
        case outcome::deleted:
            return "deleted";
        case outcome::already_gone:
            return "already_gone";
        case outcome::not_found:
            return "not_found";
        case outcome::refused:
            return "refused";
        case outcome::unknown:
            return "unknown";
        case outcome::expired:
            return "expired";
        case outcome::cancelled:
            return "cancelled";
        case outcome::invalid:
            return "invalid";
        case outcome::duplicate:
            return "duplicate";
        case outcome::would_delete:
            return "would_delete";
    }
    return "";
}

std::optional<outcome> parse_outcome(std::string_view text)
{
    for (const outcome value : all_outcomes) {
        if (to_string(value) == text)
            return value;
    }
    return std::nullopt;
}

bool is_success(outcome value)
{
    switch (value) {
        case outcome::deleted:
        case outcome::already_gone:
        case outcome::duplicate:
        case outcome::would_delete:
            return true;
        case outcome::not_found:
        case outcome::refused:
        case outcome::unknown:
        case outcome::expired:
        case outcome::cancelled:
        case outcome::invalid:
            return false;
    }
    return false;
}

}  // namespace reaper
