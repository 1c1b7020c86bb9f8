#pragma once
// The bytes of a deletion, rendered once per connection: only the token differs between requests
// (reference: one POST per token, no body, so `Content-Length: 0`). Holds keys: never logged.

#include "reaper/io/secrets.hpp"
#include "reaper/model/settings.hpp"

#include <string>
#include <string_view>

namespace reaper {

class request_template
{
public:
    request_template() = default;

    // Requires keys that load_secret() has let pass: fit for a path and a header.
    request_template(const account_settings& account, const account_secrets& keys);

    // Appends the request that deletes the campaign. The token's alphabet is SPEC 4's: it needs no
    // escaping in a path.
    void append(std::string& out, std::string_view token) const
    {
        out += before_token_;
        out += token;
        out += after_token_;
    }

    // A harmless authenticated request: the first entry of the account's list (`check --connect`).
    [[nodiscard]] const std::string& list_request() const { return list_request_; }

private:
    std::string before_token_;
    std::string after_token_;
    std::string list_request_;
};

// What names the route of an account in state/proofs, before it is hashed: key, kind and endpoint.
[[nodiscard]] std::string route_text(const account_settings& account, const account_secrets& keys);

// What names the limit of an account in state/limits: one per API key, or the shared one (SPEC 7).
[[nodiscard]] std::string limit_id_of(
    const account_settings& account, const account_secrets& keys, std::string_view salt
);

}  // namespace reaper
