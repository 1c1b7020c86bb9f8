#pragma once
// Feeds a reply parser and collects what comes out.

#include "reaper/core/reply_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

inline const wall_time reply_now = *parse_rfc3339("2026-11-22T20:30:15.000Z");

// What came out of a parser that was fed everything.
struct parsed
{
    std::vector<answer> answers;
    std::vector<std::string> bodies;
    std::string failure;
    bool idle = false;

    friend bool operator==(const parsed&, const parsed&) = default;
};

class reply_feeder
{
public:
    explicit reply_feeder(const reply_limits& limits = {}) : parser_(limits) {}

    void feed(std::string_view bytes)
    {
        parser_.feed(bytes);
        drain();
    }

    parsed end()
    {
        parser_.finish();
        drain();
        return so_far();
    }

    parsed so_far()
    {
        found_.failure = parser_.failure() ? parser_.failure()->sentence : "";
        found_.idle = parser_.idle();
        return found_;
    }

private:
    void drain()
    {
        while (const answer* got = parser_.next(reply_now)) {
            found_.answers.push_back(*got);
            found_.bodies.emplace_back(parser_.body());
        }
        EXPECT_FALSE(parser_.next(reply_now)) << "nothing more comes without more bytes";
    }

    reply_parser parser_;
    parsed found_;
};

inline parsed parse(std::string_view bytes, const reply_limits& limits = {})
{
    reply_feeder feed(limits);
    feed.feed(bytes);
    return feed.so_far();
}

inline std::string reply(
    std::string_view status, std::string_view body, std::string_view fields = ""
)
{
    return "HTTP/1.1 " + std::string(status) + "\r\n" + std::string(fields) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline const std::string ok = reply("200 OK", "{}");

// The failure of bytes that must give no answer.
inline std::string failure_of(std::string_view bytes)
{
    const parsed found = parse(bytes);
    EXPECT_TRUE(found.answers.empty()) << bytes;
    return found.failure;
}

}  // namespace reaper::test
