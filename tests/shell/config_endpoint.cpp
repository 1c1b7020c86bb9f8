// The endpoint of an account, read through the configuration.

#include "reaper/io/config_yaml.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace reaper {
namespace {

config_outcome read(const std::string& url)
{
    return read_config_text(
        "accounts: {a: {api_key_env: A, rest_api_key_env: B, endpoint: \"" + url + "\"}}", "c", {}
    );
}

endpoint_settings endpoint_of(const std::string& url)
{
    const config_outcome outcome = read(url);
    EXPECT_TRUE(outcome.value) << url;
    return outcome.value ? outcome.value->accounts.at("a").endpoint : endpoint_settings{};
}

TEST(Endpoint, IsTakenApart)
{
    using endpoint = endpoint_settings;
    EXPECT_EQ(
        endpoint_of("https://api.batch.com"),
        (endpoint{"https://api.batch.com", true, "api.batch.com", 443, ""})
    );
    EXPECT_EQ(
        endpoint_of("https://API.batch.com:8443/a/b~c/"),
        (endpoint{"https://API.batch.com:8443/a/b~c/", true, "api.batch.com", 8443, "/a/b~c"})
    );
    EXPECT_EQ(
        endpoint_of("https://[2001:DB8::1]:1"),
        (endpoint{"https://[2001:DB8::1]:1", true, "2001:db8::1", 1, ""})
    );
    EXPECT_EQ(endpoint_of("https://10.0.0.1/").base_path, "");
}

TEST(Endpoint, MayBePlainToLoopbackOnly)
{
    for (const char* url :
         {"http://127.0.0.1:8080",
          "http://127.9.9.9",
          "http://[::1]:80",
          "http://[0:0:0:0:0:0:0:1]",
          "http://localhost",
          "http://LOCALHOST/x"}) {
        EXPECT_FALSE(endpoint_of(url).tls) << url;
    }
    EXPECT_EQ(endpoint_of("http://localhost").port, 80);
    for (const char* url :
         {"http://api.batch.com",
          "http://127.0.0.1.example.org",
          "http://localhost.example.org",
          "http://10.0.0.1",
          "http://[::2]",
          "http://127.1",
          "http://0.0.0.0"}) {
        const config_outcome outcome = read(url);
        ASSERT_EQ(outcome.faults.size(), 1u) << url;
        EXPECT_NE(outcome.faults[0].sentence.find("in the clear"), std::string::npos) << url;
    }
}

TEST(Endpoint, RefusesUserQueryAndFragment)
{
    EXPECT_NE(read("https://u@h").faults.at(0).sentence.find("before the @"), std::string::npos);
    EXPECT_NE(
        read("https://u:p@h/x").faults.at(0).sentence.find("before the @"), std::string::npos
    );
    EXPECT_NE(read("https://h/?a").faults.at(0).sentence.find("a query"), std::string::npos);
    EXPECT_NE(read("https://h#a").faults.at(0).sentence.find("a fragment"), std::string::npos);
}

TEST(Endpoint, RefusesWhatIsNoUrl)
{
    const std::string too_long(1100, 'h');
    for (const std::string& url :
         {std::string{"api.batch.com"},  std::string{"ftp://h"},
          std::string{"HTTPS://h"},      std::string{"https://"},
          std::string{"https:///x"},     std::string{"https://h:"},
          std::string{"https://h:0"},    std::string{"https://h:65536"},
          std::string{"https://h:1x"},   std::string{"https://h:-1"},
          std::string{"https://h h"},    std::string{"https://-h"},
          std::string{"https://a..b"},   std::string{"https://é.fr"},
          std::string{"https://::1"},    std::string{"https://[::1"},
          std::string{"https://[::1]1"}, std::string{"https://[fe80::1%eth0]"},
          std::string{"https://[h]"},    std::string{"https://h\\r\\nx: y"},
          "https://" + too_long}) {
        EXPECT_EQ(read(url).faults.size(), 1u) << url;
    }
}

TEST(Endpoint, RefusesPathsThatWouldNeedEscapingOrResolving)
{
    for (const char* url :
         {"https://h/a b",
          "https://h//",
          "https://h/../x",
          "https://h/./x",
          "https://h/%41",
          "https://h/a//b"}) {
        EXPECT_EQ(read(url).faults.size(), 1u) << url;
    }
}

}  // namespace
}  // namespace reaper
