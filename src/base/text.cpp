#include "reaper/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace reaper {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view redacted = "[redacted]";
constexpr std::string_view cut_mark = "...";
constexpr std::size_t secret_bytes_min = 4;

struct character
{
    std::size_t size = 0;  // bytes; 0 if there is no well-formed character here
    char32_t code = 0;
};

constexpr std::uint8_t byte_of(char c)
{
    return static_cast<std::uint8_t>(c);
}

// Decodes the character at the front of `text`, which must not be empty. The bounds of the second
// byte are those of the table in RFC 3629, section 4: they exclude overlong forms, surrogates and
// everything above U+10FFFF.
character first_character(std::string_view text)
{
    const std::uint8_t lead = byte_of(text[0]);
    if (lead < 0x80)
        return {1, lead};
    if (lead < 0xC2 || lead > 0xF4)
        return {};

    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < size)
        return {};
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte_of(text[1]) < low || byte_of(text[1]) > high)
        return {};

    char32_t code = lead & (0xFFu >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const std::uint8_t next = byte_of(text[i]);
        if (next < 0x80 || next > 0xBF)
            return {};
        code = (code << 6) | (next & 0x3Fu);
    }
    return {size, code};
}

// Characters that steer a terminal or a reader of a log instead of being shown: C0 and C1 controls,
// the line and paragraph separators, and what turns the direction of writing.
bool steers(char32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// Marks each byte that belongs to an occurrence of a secret. Occurrences may overlap: replacing one
// secret after the other would leave a part of the second in the open.
std::vector<bool> secret_bytes(std::string_view text, const std::vector<std::string>& secrets)
{
    std::vector<bool> marked(text.size());
    for (const std::string& secret : secrets) {
        if (secret.size() < secret_bytes_min)
            continue;
        for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 1)) {
            for (std::size_t i = at; i < at + secret.size(); ++i)
                marked[i] = true;
        }
    }
    return marked;
}

std::string redact(std::string_view text, const std::vector<std::string>& secrets)
{
    const std::vector<bool> marked = secret_bytes(text, secrets);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!marked[i])
            out += text[i];
        else if (i == 0 || !marked[i - 1])
            out += redacted;
    }
    return out;
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view text)
{
    constexpr std::string_view hex = "0123456789abcdef";
    while (!text.empty()) {
        const character c = first_character(text);
        if (c.size == 0) {
            out += replacement;
            text.remove_prefix(1);
            continue;
        }
        switch (c.code) {
            case U'"':
                out += "\\\"";
                break;
            case U'\\':
                out += "\\\\";
                break;
            case U'\n':
                out += "\\n";
                break;
            case U'\r':
                out += "\\r";
                break;
            case U'\t':
                out += "\\t";
                break;
            default:
                if (c.code < 0x20 || c.code == 0x7F) {
                    out += "\\u00";
                    out += hex[c.code >> 4];
                    out += hex[c.code & 0xF];
                } else {
                    out += text.substr(0, c.size);
                }
        }
        text.remove_prefix(c.size);
    }
}

std::string json_quoted(std::string_view text)
{
    std::string out = "\"";
    append_json_escaped(out, text);
    out += '"';
    return out;
}

bool is_utf8(std::string_view text)
{
    while (!text.empty()) {
        const character c = first_character(text);
        if (c.size == 0)
            return false;
        text.remove_prefix(c.size);
    }
    return true;
}

std::string presentable(
    std::string_view text, const std::vector<std::string>& secrets, std::size_t bytes_max
)
{
    // Redaction comes before the cut: half a secret would no longer be found.
    const std::string open = redact(text, secrets);
    std::string_view rest = open;
    std::string out;
    std::size_t cut_at = 0;  // the last character boundary that leaves room for the mark
    while (!rest.empty()) {
        const character c = first_character(rest);
        if (c.size == 0)
            out += replacement;
        else if (steers(c.code))
            out += '?';
        else
            out += rest.substr(0, c.size);
        rest.remove_prefix(std::max<std::size_t>(c.size, 1));

        if (out.size() > bytes_max) {
            out.resize(cut_at);
            out += cut_mark.substr(0, std::min(cut_mark.size(), bytes_max));
            return out;
        }
        if (out.size() + cut_mark.size() <= bytes_max)
            cut_at = out.size();
    }
    return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    // Three rows of the table of optimal string alignment: swapping two neighbours counts as one.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates)
{
    const std::size_t distance_max = word.size() / 3;
    std::string_view best;
    std::size_t best_distance = distance_max + 1;
    for (const std::string_view candidate : candidates) {
        // The lengths alone bound the distance from below: a long word costs nothing.
        const std::size_t longer = std::max(word.size(), candidate.size());
        if (longer - std::min(word.size(), candidate.size()) >= best_distance)
            continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

bool glob_match(std::string_view pattern, std::string_view text)
{
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = pattern.npos;  // the last `*` seen, which takes `taken` bytes of the text
    std::size_t taken = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != pattern.npos) {
            // Let the last star take one byte more. Going back to earlier ones is never needed.
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == pattern.npos;
}

std::string to_hex(std::string_view bytes)
{
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += hex[byte_of(c) >> 4];
        out += hex[byte_of(c) & 0xF];
    }
    return out;
}

}  // namespace reaper
