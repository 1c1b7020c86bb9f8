#pragma once
// Text that came from outside, made fit for a log line or a record (SPEC P6).

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// Appends `text` as the inside of a JSON string (no quotes): control bytes, quotes and backslashes
// are escaped, bytes that are not UTF-8 become U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);
[[nodiscard]] std::string json_quoted(std::string_view text);

// True if the bytes are well-formed UTF-8 (RFC 3629).
[[nodiscard]] bool is_utf8(std::string_view text);

// Replaces every secret by "[redacted]", control and non-UTF-8 bytes by '?' or U+FFFD, and cuts at
// `bytes_max` on a character boundary, marking the cut with "...". The result is fit for a log
// line. Secrets shorter than 4 bytes are ignored: redacting them would only mangle the text.
[[nodiscard]] std::string presentable(
    std::string_view text, const std::vector<std::string>& secrets, std::size_t bytes_max = 200
);

// Distance of Damerau and Levenshtein, and the nearest of `candidates` within a third of the word's
// length (else empty): for "did you mean".
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view nearest(
    std::string_view word, const std::vector<std::string_view>& candidates
);

// Shell-style match with `*` and `?`, whole string, bytes.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace reaper
