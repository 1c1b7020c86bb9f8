// Parsing and checking of the options whose form is the sandbox's own.

#include "sandbox/options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace sandbox {
namespace {

constexpr std::array<std::pair<std::string_view, fault_kind>, 25> fault_names = {{
    {"reset", fault_kind::reset},
    {"reset-after", fault_kind::reset_after},
    {"truncate", fault_kind::truncate},
    {"stall", fault_kind::stall},
    {"500", fault_kind::error_500},
    {"500-after", fault_kind::error_500_after},
    {"503", fault_kind::error_503},
    {"429", fault_kind::error_429},
    {"400", fault_kind::error_400},
    {"401", fault_kind::error_401},
    {"403", fault_kind::error_403},
    {"408", fault_kind::error_408},
    {"garbage", fault_kind::garbage},
    {"surplus", fault_kind::surplus},
    {"surplus-bytes", fault_kind::surplus_bytes},
    {"redirect", fault_kind::redirect},
    {"no-json", fault_kind::no_json},
    {"chunked", fault_kind::chunked},
    {"close-delimited", fault_kind::close_delimited},
    {"1xx", fault_kind::informational},
    {"dup-headers", fault_kind::dup_headers},
    {"204", fault_kind::no_content},
    {"slow", fault_kind::slow},
    {"half-close", fault_kind::half_close},
    {"echo", fault_kind::echo},
}};

std::string fault_names_joined()
{
    std::string all;
    for (const auto& [name, kind] : fault_names) {
        all += all.empty() ? "" : ", ";
        all += name;
    }
    return all;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text)
{
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end)
        return std::nullopt;
    return value;
}

}  // namespace

std::string_view to_string(fault_kind kind)
{
    for (const auto& [name, value] : fault_names)
        if (value == kind)
            return name;
    return "?";
}

result<fault_rule> parse_fault_rule(std::string_view text)
{
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return fault{
            "a fault is KIND:PROBABILITY, as in reset:0.01; got '" + std::string(text) + "'"};

    const auto name = text.substr(0, colon);
    const auto probability = parse_number<double>(text.substr(colon + 1));
    if (!probability || !(*probability >= 0) || *probability > 1)
        return fault{"the probability in '" + std::string(text) + "' is not a number from 0 to 1"};

    for (const auto& [known, kind] : fault_names)
        if (known == name)
            return fault_rule{kind, *probability};
    return fault{
        "no fault is called '" + std::string(name) + "'; known are " + fault_names_joined()};
}

result<void> parse_limit_shape(std::string_view text, limit_options& limit)
{
    if (text == "fixed") {
        limit.shape = limit_shape::fixed;
    } else if (text == "sliding") {
        limit.shape = limit_shape::sliding;
    } else if (text == "leaky") {
        limit.shape = limit_shape::leaky;
    } else if (text.starts_with("bucket:")) {
        const auto burst = parse_number<double>(text.substr(7));
        if (!burst || !(*burst >= 1))
            return fault{"the burst in '" + std::string(text) + "' is not a number of requests"};
        limit.shape = limit_shape::bucket;
        limit.burst = *burst;
    } else {
        return fault{
            "the shape of a limit is fixed, sliding, bucket:BURST or leaky; got '" +
            std::string(text) + "'"};
    }
    return {};
}

campaign_options parse_campaigns(std::string_view text)
{
    campaign_options options;
    if (text == "any")
        return options;
    if (const auto count = parse_number<std::uint64_t>(text)) {
        options.from = campaign_options::source::generated;
        options.count = *count;
    } else {
        options.from = campaign_options::source::file;
        options.file = text;
    }
    return options;
}

result<void> validate(const server_options& options)
{
    double sum = 0;
    for (const auto& rule : options.faults.rules)
        sum += rule.probability;
    if (sum > 1 + 1e-9)
        return fault{"the probabilities of all faults sum to more than 1"};

    if (options.api_key.empty() || options.api_key.find_first_of("/? ") != std::string::npos)
        return fault{"the API key is empty, or cannot stand in a path"};
    if (options.rest_key.empty())
        return fault{"the REST key is empty"};
    if (options.limit &&
        !(options.limit->rate_per_s > 0 && std::isfinite(options.limit->rate_per_s)))
        return fault{"the limit must be more than 0 requests per second"};
    if (options.limit && options.limit->window <= duration::zero())
        return fault{"the window of the limit must be longer than 0"};
    if (options.latency < duration::zero() || options.jitter < duration::zero())
        return fault{"latency and jitter cannot be negative"};
    if (!options.only_kind.empty() && options.only_kind != "campaigns" &&
        options.only_kind != "in-app-campaigns")
        return fault{"the kind is campaigns or in-app-campaigns"};
    return {};
}

}  // namespace sandbox
