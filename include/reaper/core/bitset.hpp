#pragma once
// A set of ordinals, one bit each: which token lines of a job are settled (SPEC P7: bits per
// token).

#include <bit>
#include <cstdint>
#include <vector>

namespace reaper {

// Ordinals count from 1. Memory follows the largest one in the set: 1.25 MB for ten million.
class ordinal_set
{
public:
    [[nodiscard]] bool test(std::uint64_t n) const
    {
        const std::uint64_t word = n / 64;
        return word < words_.size() && (words_[word] >> (n % 64) & 1U) != 0;
    }

    // True if it was not in the set before.
    bool set(std::uint64_t n)
    {
        if (test(n))
            return false;
        const std::uint64_t word = n / 64;
        if (word >= words_.size())
            words_.resize(word + 1, 0);
        words_[word] |= std::uint64_t{1} << (n % 64);
        ++count_;
        return true;
    }

    // The smallest ordinal at or after `n` that is not in the set.
    [[nodiscard]] std::uint64_t first_unset_from(std::uint64_t n) const
    {
        std::uint64_t word = n / 64;
        if (word >= words_.size())
            return n;
        // Bits below n count as set.
        std::uint64_t taken = words_[word] | ((std::uint64_t{1} << (n % 64)) - 1);
        while (taken == ~std::uint64_t{0}) {
            if (++word >= words_.size())
                return word * 64;
            taken = words_[word];
        }
        return word * 64 + static_cast<std::uint64_t>(std::countr_one(taken));
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    std::vector<std::uint64_t> words_;
    std::uint64_t count_ = 0;
};

}  // namespace reaper
