#include "reaper/model/job_state.hpp"

#include <array>

namespace reaper {

std::string_view to_string(hold_cause value)
{
    switch (value) {
        case hold_cause::person:
            return "person";
        case hold_cause::option:
            return "option";
        case hold_cause::hold_above:
            return "hold_above";
        case hold_cause::hold_after:
            return "hold_after";
        case hold_cause::same_file:
            return "same_file";
        case hold_cause::breaker:
            return "breaker";
        case hold_cause::misuse:
            return "misuse";
        case hold_cause::unproven:
            return "unproven";
        case hold_cause::damaged:
            return "damaged";
    }
    return "";
}

std::optional<hold_cause> parse_hold_cause(std::string_view text)
{
    constexpr std::array all = {
        hold_cause::person,
        hold_cause::option,
        hold_cause::hold_above,
        hold_cause::hold_after,
        hold_cause::same_file,
        hold_cause::breaker,
        hold_cause::misuse,
        hold_cause::unproven,
        hold_cause::damaged,
    };
    for (const hold_cause value : all) {
        if (to_string(value) == text)
            return value;
    }
    return std::nullopt;
}

}  // namespace reaper
