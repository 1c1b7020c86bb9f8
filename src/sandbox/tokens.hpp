#pragma once
// Campaign tokens of the 1.1 form, 32 hexadecimal digits, as 16 bytes, and a generator of them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox {

struct token_bits
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(const token_bits&, const token_bits&) = default;
};

// Only lower-case digits: upper-case ones spell another token, so they have no short form.
[[nodiscard]] std::optional<token_bits> parse_token(std::string_view text);
[[nodiscard]] std::string format_token(token_bits token);

// 1 to 128 characters of A-Z a-z 0-9 _ -: what can be a token of any kind.
[[nodiscard]] bool is_token_text(std::string_view text);
// 32 hexadecimal digits of either case.
[[nodiscard]] bool is_hex_token(std::string_view text);

// A keyed permutation of the 128-bit numbers (four Feistel rounds): the tokens of a seed look
// random, need no storage, and each tells its index back. Not for secrets.
class token_sequence
{
public:
    explicit token_sequence(std::uint64_t seed);

    [[nodiscard]] token_bits at(std::uint64_t index) const;
    // nullopt for a token that stands at no index.
    [[nodiscard]] std::optional<std::uint64_t> index_of(token_bits token) const;

private:
    std::uint64_t keys_[4];
};

// The finaliser of splitmix64: spreads every input bit over the whole output.
[[nodiscard]] std::uint64_t mix_bits(std::uint64_t value);

}  // namespace sandbox
