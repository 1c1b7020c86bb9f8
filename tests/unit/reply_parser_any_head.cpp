// Heads of any kind behind heads of any kind: a parser that has read one before must read the next
// as Beast does.

#include "support/reply_alike.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace reaper {
namespace {

using namespace test;

const std::string unusual =
    replaced(known, "0f3a", "a longer one, with \"signs\" and \xc3\xa9 \xff");
const std::string failed = replaced(
    replaced(known, "200 OK", "400 Bad"),
    "2\r\n" + connection + "\r\n{}",
    "25\r\n" + connection + "\r\n{\"code\":31,\"message\":\"x\"}"
);

TEST(ReplyParserAnyHead, AnyByteInPlaceOfAnyOtherIsReadAsByBeast)
{
    const std::string interesting =
        std::string("\0\x01\t\n\r \"+,-./019:;=@AZaz~\x7f\x80\xff", 25) + "hHcCtTkK";
    std::mt19937 random(5);
    for (const std::string& each : {known, unusual, failed}) {
        for (std::size_t at = 0; at < each.size(); ++at) {
            for (const char byte : interesting) {
                std::string mutant = each;
                mutant[at] = byte;
                expect_read_as_by_beast(mutant + behind);
                expect_cut_to_make_no_difference(mutant + behind, random() % mutant.size());
                mutant.insert(at, 1, each[at]);
                expect_read_as_by_beast(mutant + behind);
            }
            expect_read_as_by_beast(std::string(each).erase(at, 1) + behind);
            expect_read_as_by_beast(each.substr(0, at) + behind);
        }
    }
}

// Its last bytes are looked at one by one, where there are too few to look at eight.
TEST(ReplyParserAnyHead, AnyByteAtTheVeryEndIsReadAsByBeast)
{
    const std::string first = status_line + "Content-Length: 0\r\nX-Request-Id: 0f3a12345\r\n\r\n";
    for (std::size_t back = 1; back < 12; ++back) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string mutant = first;
            mutant[mutant.size() - back] = static_cast<char>(byte);
            EXPECT_EQ(parse_behind(first, 1, mutant), parse(mutant)) << mutant;
        }
    }
}

// Lines taken from anywhere, in any order: what was learnt may be anything.
TEST(ReplyParserAnyHead, AnyHeadBehindAnyOtherIsReadAsByBeast)
{
    const std::vector<std::string> lines = {
        id,
        "X-Request-Id: 1\r\n",
        server,
        length,
        length,
        length,
        "Content-Length: 10\r\n",
        "Content-Length: 2 \r\n",
        connection,
        "Connection: close\r\n",
        "Retry-After: 5\r\n",
        "Retry-After: \r\n",
        "Upgrade: x\r\n",
        " folded\r\n",
        "X:\r\n",
        "X: \t y\r\n",
        "x: z\r\n",
        "Transfer-Encoding: chunked\r\n"};
    const std::vector<std::string> statuses = {
        status_line,
        "HTTP/1.1 404 No\r\n",
        "HTTP/1.1 204 No\r\n",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 500\r\n"};
    std::mt19937 random(3);
    std::size_t compared = 0;
    for (int round = 0; round < 30'000; ++round) {
        std::vector<std::string> head = {statuses[random() % statuses.size()]};
        for (auto count = 1 + random() % 4; count > 0; --count)
            head.push_back(lines[random() % lines.size()]);
        std::string first;
        for (const std::string& line : head)
            first += line;
        // The other has another line in the place of one.
        const auto place = random() % head.size();
        head[place] =
            place == 0 ? statuses[random() % statuses.size()] : lines[random() % lines.size()];
        std::string second;
        for (const std::string& line : head)
            second += line;
        first += "\r\n{}";
        second += "\r\n{}";
        const parsed alone = parse(first);
        if (alone.answers.size() != 1 || !alone.idle || alone.answers[0].close)
            continue;
        ++compared;
        ASSERT_EQ(parse_behind(first, 1, second + behind), parse(second + behind)) << first << '\n'
                                                                                   << second;
    }
    EXPECT_GT(compared, 1000u);
}

}  // namespace
}  // namespace reaper
