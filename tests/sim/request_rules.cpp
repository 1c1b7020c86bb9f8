// The reader of requests takes what the daemon writes, and nothing else.

#include "reaper/io/request_template.hpp"
#include "request_reader.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

const std::string good =
    "POST /1.1/KEY0/campaigns/delete/token-1_A HTTP/1.1\r\n"
    "Host: api.example\r\n"
    "X-Authorization: rest0\r\n"
    "User-Agent: campaign-reaper/1.2.3\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

std::string changed(const std::string& from, const std::string& to)
{
    std::string text = good;
    const std::size_t place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    return text.replace(place, from.size(), to);
}

TEST(RequestReader, ReadsWhatTheDaemonWrites)
{
    account_settings account;
    account.endpoint.host = "api.example";
    account.endpoint.port = 443;
    account.endpoint.tls = true;
    const request_template requests(account, {.api_key = "KEY0", .rest_api_key = "rest0"});
    std::string bytes;
    requests.append(bytes, "00112233445566778899aabbccddeeff");
    const std::size_t first = bytes.size();
    requests.append(bytes, "b");

    const deletion one = read_deletion(bytes, "api.example");
    ASSERT_EQ(one.wrong, nullptr) << one.wrong;
    EXPECT_EQ(one.api_key, "KEY0");
    EXPECT_EQ(one.rest_key, "rest0");
    EXPECT_EQ(one.token, "00112233445566778899aabbccddeeff");
    EXPECT_EQ(one.bytes, first);
    const deletion two = read_deletion(std::string_view(bytes).substr(first), "api.example");
    ASSERT_EQ(two.wrong, nullptr) << two.wrong;
    EXPECT_EQ(two.token, "b");
    EXPECT_EQ(first + two.bytes, bytes.size());
}

TEST(RequestReader, TakesTheFormOfTheDocumentation)
{
    EXPECT_EQ(read_deletion(good, "api.example").wrong, nullptr);
    EXPECT_EQ(read_deletion(good, "api.example").bytes, good.size());
}

TEST(RequestReader, ObjectsToAnythingElse)
{
    const std::pair<const char*, const char*> changes[] = {
        {"POST", "GET"},
        {"/1.1/", "/2.5/"},
        {"/1.1/KEY0", "/1.1/"},
        {"KEY0/", "KEY0/x/"},
        {"KEY0", "KE Y0"},
        {"/campaigns/", "/in-app-campaigns/"},
        {"/delete/", "/remove/"},
        {"token-1_A", ""},
        {"token-1_A", "to ken"},
        {"token-1_A", "token/"},
        {"token-1_A", "token%41"},
        {"token-1_A", "token?x=1"},
        {"token-1_A ", "token-1_A  "},
        {"HTTP/1.1", "HTTP/1.0"},
        {"Host: api.example", "Host: api.example:443"},
        {"Host: api.example\r\n", ""},
        {"Host: api.example\r\n", "Host: api.example\r\nHost: api.example\r\n"},
        {"X-Authorization: rest0\r\n", ""},
        {"X-Authorization: rest0", "X-Authorization: "},
        {"X-Authorization: rest0", "X-Authorization:rest0"},
        {"X-Authorization: rest0", "X-Authorization: rest0 "},
        {"X-Authorization", "Authorization"},
        {"User-Agent: campaign-reaper/1.2.3\r\n", ""},
        {"campaign-reaper/", "curl/"},
        {"application/json", "text/plain"},
        {"Content-Length: 0", "Content-Length: 2"},
        {"Content-Length: 0\r\n", ""},
        {"Content-Length: 0\r\n", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"},
        {"\r\n\r\n", "\r\n"},
        {"\r\nHost", "\nHost"},
    };
    for (const auto& [from, to] : changes)
        EXPECT_NE(read_deletion(changed(from, to), "api.example").wrong, nullptr)
            << from << " -> " << to;
    EXPECT_NE(
        read_deletion(changed("token-1_A", std::string(129, 'a')), "api.example").wrong, nullptr
    );
    EXPECT_NE(read_deletion("", "api.example").wrong, nullptr);
}

TEST(RequestReader, ObjectsToARequestThatIsNotThereAsAWhole)
{
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_NE(read_deletion(good.substr(0, size), "api.example").wrong, nullptr) << size;
}

}  // namespace
}  // namespace reaper::test
