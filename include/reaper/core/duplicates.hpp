#pragma once
// Finds repeated tokens while a file is taken in (SPEC 4: exactly found; P7, 12: in little memory).
// Nearly every token is 32 hexadecimal digits of one case; those cost about 16.5 bytes each, others
// their length and 11 to 21 bytes more. Tokens differ by case.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace reaper {

class duplicate_finder
{
public:
    // The seed makes it impossible to choose tokens that crowd each other; any value is right.
    explicit duplicate_finder(std::uint64_t seed = 0);
    ~duplicate_finder();
    duplicate_finder(duplicate_finder&&) noexcept;
    duplicate_finder& operator=(duplicate_finder&&) noexcept;

    // A guess of how many there will be, and better ones later: saves most of the time that growing
    // takes. Whatever it is, the memory for what was inserted at most doubles.
    void expect(std::uint64_t tokens);

    // True if the token was not inserted before. At most 128 bytes.
    bool insert(std::string_view token);

    [[nodiscard]] std::uint64_t size() const;
    // What the set holds of the heap, without the allocator's own overhead.
    [[nodiscard]] std::size_t memory_bytes() const;

private:
    struct tables;
    std::unique_ptr<tables> tables_;
};

}  // namespace reaper
