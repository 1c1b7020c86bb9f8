#pragma once
// The campaigns that exist on the stand-in server, and which of them were deleted.

#include "sandbox/options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

// What the list and view calls tell about a campaign.
struct campaign_view
{
    std::string token;
    std::uint64_t position = 0;  // 0 is the newest
    bool live = false;
    bool from_api = false;
};

class campaign_store
{
public:
    virtual ~campaign_store() = default;

    // True if the campaign existed; it does not any more.
    virtual bool erase(std::string_view token) = 0;

    [[nodiscard]] virtual std::optional<campaign_view> find(std::string_view token) const = 0;

    // Positions run from 0 to positions(); those of deleted campaigns are vacant. A store in which
    // any token exists has no positions: it cannot be listed.
    [[nodiscard]] virtual std::uint64_t positions() const = 0;
    [[nodiscard]] virtual std::optional<campaign_view> at(std::uint64_t position) const = 0;
};

// Reads the file of `options` if they name one; each line of it is a token, `#` begins a comment.
[[nodiscard]] result<std::unique_ptr<campaign_store>> make_campaign_store(
    const campaign_options& options, std::uint64_t seed
);

}  // namespace sandbox
