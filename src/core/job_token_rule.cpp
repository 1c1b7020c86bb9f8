// g++ 12 with sanitizers takes a member of std::regex's automaton for uninitialised (GCC bug
// 105562); what counts is the setting where the headers stand.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "job_token_field.hpp"
#include "reaper/core/job_reader.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <regex>

namespace reaper {
namespace {

// Both kinds of API 1.1 have tokens of 32 hexadecimal digits.
constexpr std::size_t hex_token_bytes = 32;

constexpr std::array<bool, 256> make_table(bool (*holds)(char))
{
    std::array<bool, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte)
        table[byte] = holds(static_cast<char>(byte));
    return table;
}

constexpr bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr auto hex_bytes = make_table(is_hex);

bool all_of(std::string_view text, const std::array<bool, 256>& table)
{
    return std::all_of(text.begin(), text.end(), [&table](char c) {
        return table[static_cast<unsigned char>(c)];
    });
}

}  // namespace

struct token_rule::pattern
{
    std::regex expression;
};

token_rule::token_rule(const token_shape& shape, campaign_kind kind)
{
    switch (shape.is) {
        case token_shape::form::automatic:
            switch (kind) {
                case campaign_kind::campaigns:
                case campaign_kind::in_app_campaigns:
                    fixed_length_ = true;
                    break;
            }
            break;
        case token_shape::form::any:
            any_ = true;
            break;
        case token_shape::form::pattern:
            pattern_ =
                std::make_unique<pattern>(pattern{std::regex(shape.text, std::regex::ECMAScript)});
            break;
    }
}

token_rule::~token_rule() = default;
token_rule::token_rule(token_rule&&) noexcept = default;
token_rule& token_rule::operator=(token_rule&&) noexcept = default;

bool token_rule::accepts(std::string_view text) const
{
    if (fixed_length_)
        return text.size() == hex_token_bytes && all_of(text, hex_bytes);
    if (!has_token_form(text))
        return false;
    // std::regex recurses once per character: harmless for the 128 bytes of a token, no more.
    return any_ || std::regex_match(text.begin(), text.end(), pattern_->expression);
}

}  // namespace reaper
