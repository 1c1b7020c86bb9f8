#pragma once
// Answers like one that a reply parser has read before, and what Beast makes of them: a parser that
// has seen nothing has Beast read all.

#include "support/reply_feeder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper::test {

inline const std::string status_line = "HTTP/1.1 200 OK\r\n";
inline const std::string server = "Server: nginx\r\n";
inline const std::string id = "X-Request-Id: 0f3a\r\n";
inline const std::string length = "Content-Length: 2\r\n";
inline const std::string connection = "Connection: keep-alive\r\n";
inline const std::string known = status_line + server + id + length + connection + "\r\n{}";

// Like no other here, so that it is Beast's wherever it stands; and it shows where the one before
// it ended.
inline const std::string behind =
    "HTTP/1.1 404 Not Found\r\nVia: x\r\nContent-Length: 3\r\n\r\nend";

// Answers of the known kind that have differed in every line that may: all gaps are open.
inline const std::string lesson =
    known + "HTTP/1.1 404 Not Found\r\nServer: other\r\nX-Request-Id: \r\nContent-Length: 10\r\n" +
    connection + "\r\n0123456789";

inline std::string replaced(std::string text, const std::string& part, const std::string& by)
{
    return text.replace(text.find(part), part.size(), by);
}

// Answers of three more forms, all different in what may not differ within one.
inline const std::string other_forms =
    "HTTP/1.1 200 OK\r\nX-Cache: hit\r\nContent-Length: 1\r\n\r\n1" + status_line + id + server +
    length + connection + "\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// What comes of bytes behind answers that have come before, which give `before` answers of their
// own.
inline parsed parse_behind(const std::string& first, std::size_t before, const std::string& bytes)
{
    reply_feeder feed;
    feed.feed(first);
    feed.feed(bytes);
    parsed found = feed.so_far();
    EXPECT_GE(found.answers.size(), before);
    found.answers.erase(found.answers.begin(), found.answers.begin() + std::ptrdiff_t(before));
    found.bodies.erase(found.bodies.begin(), found.bodies.begin() + std::ptrdiff_t(before));
    return found;
}

// The measure, and the same bytes behind the known head, alone and with every gap open, and with
// other forms that are known beside it.
inline void expect_read_as_by_beast(const std::string& bytes)
{
    const parsed expected = parse(bytes);
    EXPECT_EQ(parse_behind(known, 1, bytes), expected) << bytes;
    EXPECT_EQ(parse_behind(lesson, 2, bytes), expected) << bytes;
    EXPECT_EQ(parse_behind(lesson + other_forms, 5, bytes), expected) << bytes;
}

// Fed in two parts it gives the same; only why it fails may depend on them.
inline void expect_cut_to_make_no_difference(const std::string& bytes, std::size_t cut)
{
    const parsed expected = parse(bytes);
    reply_feeder feed;
    feed.feed(lesson);
    feed.feed(bytes.substr(0, cut));
    feed.feed(bytes.substr(cut));
    parsed found = feed.so_far();
    found.answers.erase(found.answers.begin(), found.answers.begin() + 2);
    EXPECT_EQ(found.answers, expected.answers) << bytes << " cut at " << cut;
    EXPECT_EQ(found.failure.empty(), expected.failure.empty()) << bytes << " cut at " << cut;
    EXPECT_EQ(found.idle, expected.idle) << bytes << " cut at " << cut;
}

}  // namespace reaper::test
