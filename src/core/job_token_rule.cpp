// g++ 12 with sanitizers takes a member of std::regex's automaton for uninitialised (GCC bug
// 105562); what counts is the setting where the headers stand.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "job_token_field.hpp"
#include "reaper/core/job_reader.hpp"

#include <memory>
#include <regex>

namespace reaper {
namespace {

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
                    // Both kinds of API 1.1 have tokens of 32 hexadecimal digits.
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

bool token_rule::accepts_other(std::string_view text) const
{
    if (!has_token_form(text))
        return false;
    // std::regex recurses once per character: harmless for the 128 bytes of a token, no more.
    return any_ || std::regex_match(text.begin(), text.end(), pattern_->expression);
}

}  // namespace reaper
