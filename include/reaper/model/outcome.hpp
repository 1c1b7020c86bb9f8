#pragma once
// What became of a token (SPEC 5). Every token line of an ended job has exactly one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reaper {

enum class outcome : std::uint8_t
{
    deleted,       // the API answered 2xx
    already_gone,  // 404 after an earlier request whose fate is unknown
    not_found,     // 404 to a clean first request
    refused,       // the API refused this token for good, or deny/allow does
    unknown,       // attempts used up without a clear answer
    expired,       // the deadline passed before it was sent
    cancelled,     // the job was cancelled before it was sent
    invalid,       // not a token; never sent
    duplicate,     // named before in the same job; never sent
    would_delete,  // dry run; nothing was sent
};

inline constexpr std::size_t outcome_count = 10;

inline constexpr std::array<outcome, outcome_count> all_outcomes = {
    outcome::deleted,
    outcome::already_gone,
    outcome::not_found,
    outcome::refused,
    outcome::unknown,
    outcome::expired,
    outcome::cancelled,
    outcome::invalid,
    outcome::duplicate,
    outcome::would_delete,
};

[[nodiscard]] std::string_view to_string(outcome value);
[[nodiscard]] std::optional<outcome> parse_outcome(std::string_view text);

// True for outcomes that leave nothing to do: `once` and `submit --wait` exit 0 if all are (SPEC
// 2).
[[nodiscard]] bool is_success(outcome value);

// A count per outcome.
struct outcome_counts
{
    std::array<std::uint64_t, outcome_count> count{};

    std::uint64_t& operator[](outcome o) { return count[static_cast<std::size_t>(o)]; }

    std::uint64_t operator[](outcome o) const { return count[static_cast<std::size_t>(o)]; }

    [[nodiscard]] std::uint64_t total() const
    {
        std::uint64_t sum = 0;
        for (const auto c : count)
            sum += c;
        return sum;
    }

    friend bool operator==(const outcome_counts&, const outcome_counts&) = default;
};

}  // namespace reaper
