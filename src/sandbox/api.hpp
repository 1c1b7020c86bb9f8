#pragma once
// The rules of the API: keys, routes, the limit, the campaigns. No sockets; the time is an
// argument.

#include "sandbox/answer.hpp"
#include "sandbox/campaigns.hpp"
#include "sandbox/ledger.hpp"
#include "sandbox/limiter.hpp"
#include "sandbox/options.hpp"
#include "sandbox/request_parser.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

// What a request asks for. Views point into the request, or to static storage.
struct api_call
{
    route_kind route = route_kind::none;
    std::string_view kind;
    std::string_view token;
    std::string_view query;
};

struct api_reply
{
    answer content;
    bool executed = false;  // a campaign was deleted
};

class api
{
public:
    api(const server_options& options, std::unique_ptr<campaign_store> campaigns);

    [[nodiscard]] api_call classify(const request& from) const;

    // Judges the call and does what it asks.
    [[nodiscard]] api_reply perform(const api_call& call, const request& from, mono_time now);

    // The answers of perform() to what it refuses.
    [[nodiscard]] answer refuse_pace(mono_time now);
    [[nodiscard]] answer refuse_pace() const;

    [[nodiscard]] bool has_campaign(std::string_view token) const
    {
        return campaigns_->find(token).has_value();
    }

    // True for text that must not be recorded.
    [[nodiscard]] bool is_key(std::string_view text) const;

    void replace_rest_key(std::string key) { rest_key_ = std::move(key); }

    void replace_limit(const std::optional<limit_options>& limit);

private:
    [[nodiscard]] answer list(std::string_view query) const;

    std::string api_key_;
    std::string rest_key_;
    std::string only_kind_;
    std::optional<unsigned> retry_after_s_;
    std::uint64_t seed_;
    std::unique_ptr<campaign_store> campaigns_;
    std::optional<limiter> limiter_;
    std::int64_t started_s_;  // wall clock: dates of campaigns are told relative to it
};

}  // namespace sandbox
