#pragma once
// Part of core/job_reader: lets UTF-8 text without NUL pass, in chunks of any size (SPEC 4:
// anything else rejects the file).

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reaper::job_file {

class text_gate
{
public:
    // How many of the bytes, from the first, are text. Fewer than given: failure() is set.
    [[nodiscard]] std::size_t check(std::string_view bytes);

    // The file ends here: a character that is not complete is a failure.
    void finish();

    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

private:
    bool accept(unsigned char byte);
    void begin_character(unsigned char byte);

    unsigned missing_ = 0;         // continuation bytes that the character still needs
    unsigned char lowest_ = 0x80;  // bounds of the next one (RFC 3629 section 4)
    unsigned char highest_ = 0xBF;
    std::optional<std::string> failure_;
};

}  // namespace reaper::job_file
