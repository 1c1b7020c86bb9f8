#pragma once
// Reads a whole job file with job_reader, cut into chunks as a test likes, and keeps what came out.

#include "reaper/core/job_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

// "token" as 32 hexadecimal digits: a shape that the automatic rule accepts.
inline std::string hex_token(std::uint64_t number)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t at = text.size(); number != 0; number >>= 4)
        text[--at] = digits[number & 15];
    return text;
}

struct read_item
{
    std::uint64_t n = 0;
    std::uint64_t line = 0;
    bool valid = false;
    std::string token;

    friend bool operator==(const read_item&, const read_item&) = default;

    friend std::ostream& operator<<(std::ostream& out, const read_item& item)
    {
        return out << "{n " << item.n << ", line " << item.line << (item.valid ? ", " : ", invalid")
                   << item.token << '}';
    }
};

struct reading
{
    std::vector<read_item> items;
    std::string failure;  // empty if there is none
    std::uint64_t failure_line = 0;
    bool at_end = false;
    job_options options;
    std::uint64_t invalid = 0;
    std::string invalid_lines;

    friend bool operator==(const reading&, const reading&) = default;

    friend std::ostream& operator<<(std::ostream& out, const reading& r)
    {
        for (const read_item& item : r.items)
            out << item << ' ';
        return out << (r.at_end ? "end" : "no end") << ", line " << r.failure_line << ": "
                   << r.failure << ", options " << render_options_object(r.options);
    }

    // The tokens of the valid items.
    [[nodiscard]] std::vector<std::string> tokens() const
    {
        std::vector<std::string> all;
        for (const read_item& item : items) {
            if (item.valid)
                all.push_back(item.token);
        }
        return all;
    }

    // "1 2! 5": the lines of the items, with a mark at those that are not valid.
    [[nodiscard]] std::string lines() const
    {
        std::string all;
        for (const read_item& item : items) {
            all += all.empty() ? "" : " ";
            all += std::to_string(item.line);
            all += item.valid ? "" : "!";
        }
        return all;
    }
};

inline void take_items(job_reader& reader, reading& into)
{
    while (const auto item = reader.next())
        into.items.push_back(read_item{item->n, item->line, item->valid, std::string(item->token)});
}

// Each chunk lives in memory of its own that is gone when the reader has asked for the next one: a
// view that is kept too long is found by AddressSanitizer.
inline reading read_chunks(
    job_format format, const std::vector<std::string_view>& chunks, const token_rule* rule
)
{
    job_reader reader(format, rule);
    reading out;
    for (const std::string_view chunk : chunks) {
        const auto owned = std::make_unique<char[]>(chunk.size());
        std::copy(chunk.begin(), chunk.end(), owned.get());
        reader.feed(std::string_view(owned.get(), chunk.size()));
        take_items(reader, out);
    }
    reader.finish();
    take_items(reader, out);
    if (reader.failure())
        out.failure = reader.failure()->sentence;
    out.failure_line = reader.failure_line();
    out.at_end = reader.at_end();
    out.options = reader.options();
    out.invalid = reader.invalid();
    out.invalid_lines = reader.invalid_lines();
    return out;
}

inline reading read_file(
    job_format format, std::string_view bytes, const token_rule* rule, std::size_t chunk_bytes = 0
)
{
    std::vector<std::string_view> chunks;
    const std::size_t step =
        chunk_bytes == 0 ? std::max<std::size_t>(bytes.size(), 1) : chunk_bytes;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        chunks.push_back(bytes.substr(at, step));
    return read_chunks(format, chunks, rule);
}

// Rules for the three forms of shape.
inline token_rule automatic_rule()
{
    return token_rule(token_shape{}, campaign_kind::campaigns);
}

inline token_rule any_rule()
{
    return token_rule(token_shape{token_shape::form::any, {}}, campaign_kind::campaigns);
}

inline token_rule pattern_rule(std::string text)
{
    return token_rule(
        token_shape{token_shape::form::pattern, std::move(text)}, campaign_kind::campaigns
    );
}

}  // namespace reaper::test
