#pragma once
// The allow and deny lists of an account (SPEC 4), as they are now. Where one cannot be read,
// sending stops: `fault` says why.

#include "reaper/core/token_list.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reaper {

struct guard_lists
{
    std::optional<token_list> allow;  // nullopt: everything is allowed
    std::optional<token_list> deny;
    std::string allow_path;
    std::string deny_path;
    std::string fault;  // a sentence; empty while both are readable

    // True if they name nothing and allow everything.
    [[nodiscard]] bool are_empty() const { return !allow && !deny; }

    // Why the token must not be sent, or empty. Deny wins.
    [[nodiscard]] std::string refusal(std::string_view token) const
    {
        if (deny && deny->contains(token))
            return "named by the deny list " + deny_path;
        if (allow && !allow->contains(token))
            return "not named by the allow list " + allow_path;
        return {};
    }
};

}  // namespace reaper
