#pragma once
// The bytes of a deletion, rendered once per connection: only the token differs between requests
// (reference: one POST per token, no body, so `Content-Length: 0`). Holds keys: never logged.

#include "reaper/io/secrets.hpp"
#include "reaper/model/settings.hpp"

#include <cassert>
#include <cstddef>
#include <cstring>
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
        assert(behind_ > 0);
        if (token.size() == usual_token_bytes) {
            // One piece, and the token over its blanks: half the time of three pieces.
            out += with_blanks_;
            std::memcpy(out.data() + out.size() - behind_, token.data(), usual_token_bytes);
            return;
        }
        out.append(with_blanks_, 0, with_blanks_.size() - behind_);
        out += token;
        out.append(with_blanks_, with_blanks_.size() - behind_ + usual_token_bytes);
    }

    // A harmless authenticated request: the first entry of the account's list (`check --connect`).
    [[nodiscard]] const std::string& list_request() const { return list_request_; }

private:
    // What tokens of campaigns have: 32 hexadecimal digits.
    static constexpr std::size_t usual_token_bytes = 32;

    std::string with_blanks_;  // the request, with blanks where the token goes
    std::size_t behind_ = 0;   // so far from its end they begin
    std::string list_request_;
};

// What names the route of an account in state/proofs, before it is hashed: key, kind and endpoint.
[[nodiscard]] std::string route_text(const account_settings& account, const account_secrets& keys);

// What names the limit of an account in state/limits: one per API key, or the shared one (SPEC 7).
[[nodiscard]] std::string limit_id_of(
    const account_settings& account, const account_secrets& keys, std::string_view salt
);

}  // namespace reaper
