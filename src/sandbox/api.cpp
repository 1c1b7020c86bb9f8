#include "sandbox/api.hpp"

#include "sandbox/tokens.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace sandbox {
namespace {

constexpr std::uint64_t page_default = 10;
constexpr std::uint64_t page_max = 100;

// One campaign was created every six hours, the newest when the server started.
constexpr std::int64_t creation_interval_s = 6 * 3600;

// Static storage for the kind that a path names; empty for any other word.
std::string_view known_kind(std::string_view word)
{
    for (const std::string_view kind : {"campaigns", "in-app-campaigns"})
        if (word == kind)
            return kind;
    return {};
}

// Splits "/a/b/c" into at most six segments; the last one keeps what is left.
struct path_segments
{
    std::array<std::string_view, 6> part;
    std::size_t count = 0;

    explicit path_segments(std::string_view path)
    {
        while (!path.empty() && count < part.size()) {
            path.remove_prefix(1);
            const auto slash = count + 1 < part.size() ? path.find('/') : std::string_view::npos;
            part[count++] = path.substr(0, slash);
            path.remove_prefix(std::min(slash, path.size()));
        }
    }
};

struct list_query
{
    std::uint64_t from = 0;
    std::uint64_t limit = page_default;
    std::optional<bool> live;
    std::optional<bool> from_api;
};

bool read_number(std::string_view text, std::uint64_t& out)
{
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return !text.empty() && error == std::errc() && stop == end;
}

bool read_flag(std::string_view text, std::optional<bool>& out)
{
    out = text == "true";
    return text == "true" || text == "false";
}

// False if a parameter of the call is malformed. Those that it does not know are ignored.
bool read_query(std::string_view text, list_query& out)
{
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        const auto name = pair.substr(0, pair.find('='));
        const auto value = pair.substr(std::min(name.size() + 1, pair.size()));
        const bool sound = name == "from"       ? read_number(value, out.from)
                           : name == "limit"    ? read_number(value, out.limit)
                           : name == "live"     ? read_flag(value, out.live)
                           : name == "from_api" ? read_flag(value, out.from_api)
                                                : true;
        if (!sound)
            return false;
    }
    return out.limit <= page_max;
}

bool matches(const campaign_view& campaign, const list_query& query)
{
    return query.live.value_or(campaign.live) == campaign.live &&
           query.from_api.value_or(campaign.from_api) == campaign.from_api;
}

// The members that the list call and the view call share.
std::string members_of(const campaign_view& campaign, std::int64_t started_s)
{
    const auto age_s = static_cast<std::int64_t>(campaign.position) * creation_interval_s;
    const std::chrono::sys_seconds created{std::chrono::seconds(started_s - age_s)};
    return fmt::format(
        R"("campaign_token":"{}","from_api":{},"dev_only":false,)"
        R"("created_date":"{:%Y-%m-%dT%H:%M:%S}","name":"Campaign {}","live":{},)"
        R"("push_time":"{:%Y-%m-%dT%H:%M:%S}")",
        campaign.token,
        campaign.from_api,
        created,
        campaign.position,
        campaign.live,
        created + std::chrono::hours(1)
    );
}

answer route_not_found()
{
    return make_error(404, 20, "ROUTE_NOT_FOUND");
}

std::int64_t wall_seconds()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

api::api(const server_options& options, std::unique_ptr<campaign_store> campaigns)
    : api_key_(options.api_key),
      rest_key_(options.rest_key),
      only_kind_(options.only_kind),
      retry_after_s_(options.retry_after_s),
      seed_(options.seed),
      campaigns_(std::move(campaigns)),
      started_s_(wall_seconds())
{
    replace_limit(options.limit);
}

void api::replace_limit(const std::optional<limit_options>& limit)
{
    limiter_.reset();
    if (!limit)
        return;
    // Real windows begin at an instant that no client knows.
    const auto span = static_cast<std::uint64_t>(limit->window.count());
    limiter_.emplace(*limit, duration(static_cast<std::int64_t>(mix_bits(seed_) % span)));
}

bool api::is_key(std::string_view text) const
{
    return text.find(api_key_) != std::string_view::npos ||
           text.find(rest_key_) != std::string_view::npos;
}

// /1.1/{key}/{kind}/delete/{token}, /1.1/{key}/{kind}/list?..., /1.1/{key}/{kind}/{token}
api_call api::classify(const request& from) const
{
    api_call call;
    const auto path = from.target.substr(0, from.target.find('?'));
    call.query = from.target.substr(std::min(path.size() + 1, from.target.size()));

    const path_segments segments(path);
    const auto& part = segments.part;
    if (segments.count < 4 || part[0] != "1.1")
        return call;
    call.kind = known_kind(part[2]);
    const bool removes = segments.count == 5 && part[3] == "delete";
    const bool lists = segments.count == 4 && part[3] == "list";
    if (removes)
        call.token = part[4];
    else if (!lists && segments.count == 4)
        call.token = part[3];
    if (!is_token_text(call.token))
        call.token = {};

    const bool open = part[1] == api_key_ && !call.kind.empty() &&
                      (only_kind_.empty() || only_kind_ == call.kind);
    if (open && removes && from.method == "POST")
        call.route = route_kind::remove;
    else if (open && lists && from.method == "GET")
        call.route = route_kind::list;
    else if (open && !call.token.empty() && !removes && from.method == "GET")
        call.route = route_kind::view;
    return call;
}

api_reply api::perform(const api_call& call, const request& from, mono_time now)
{
    if (call.route == route_kind::none)
        return {route_not_found()};
    if (from.rest_key != rest_key_)
        return {make_error(401, 10, "AUTHENTICATION_INVALID")};
    if (limiter_ && !limiter_->admit(now))
        return {refuse_pace()};

    if (call.route == route_kind::list)
        return {list(call.query)};
    if (call.route == route_kind::view) {
        const auto campaign = campaigns_->find(call.token);
        if (!campaign)
            return {route_not_found()};
        return {{.body = "{" + members_of(*campaign, started_s_) + "}"}};
    }
    if (!campaigns_->erase(call.token))
        return {route_not_found()};
    return {answer{}, true};
}

answer api::refuse_pace() const
{
    answer refusal = make_error(429, 60, "TOO_MANY_REQUESTS");
    refusal.retry_after_s = retry_after_s_;
    return refusal;
}

answer api::refuse_pace(mono_time now)
{
    if (limiter_)
        limiter_->note_refusal(now);
    return refuse_pace();
}

answer api::list(std::string_view query) const
{
    list_query wanted;
    if (!read_query(query, wanted))
        return make_error(400, 31, "MALFORMED_PARAMETER");

    std::string body = "[";
    std::uint64_t skipped = 0;
    std::uint64_t listed = 0;
    const std::uint64_t positions = campaigns_->positions();
    for (std::uint64_t i = 0; i < positions && listed < wanted.limit; ++i) {
        const auto campaign = campaigns_->at(i);
        if (!campaign || !matches(*campaign, wanted))
            continue;
        if (skipped < wanted.from) {
            ++skipped;
            continue;
        }
        body += listed == 0 ? "{" : ",{";
        body += members_of(*campaign, started_s_);
        body += '}';
        ++listed;
    }
    return {.body = body + "]"};
}

}  // namespace sandbox
