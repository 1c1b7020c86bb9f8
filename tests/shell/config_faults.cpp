// What the configuration refuses, and what it tells people to write instead.

#include "reaper/io/config_yaml.hpp"
#include "support/config_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reaper {
namespace {

using namespace test;

TEST(ConfigFault, SaysWhereAMisplacedKeyBelongs)
{
    EXPECT_EQ(
        faults_of(with_account("", "pace: 5/s\n")),
        "c.yaml:1:1: there is no key \"pace\"; it belongs in accounts.<name>\n"
    );
    EXPECT_EQ(
        fault_of_account("window: 5"),
        "c.yaml:5:5: there is no key \"window\" in accounts.<name>; it belongs in "
        "accounts.<name>.guards.breaker\n"
    );
    EXPECT_EQ(
        faults_of(with_account("", "shutdown: {bananas: 1}\n")),
        "c.yaml:1:12: there is no key \"bananas\" in shutdown; possible here: drain\n"
    );
}

TEST(ConfigFault, RefusesDuplicateKeys)
{
    EXPECT_EQ(
        faults_of(with_account("    pace: 5/s\n    pace: 6/s\n")),
        "c.yaml:6:5: the key \"pace\" stands here twice, first in line 5; remove one\n"
    );
    EXPECT_NE(
        faults_of(with_account() + "  prod: {}\n").find("stands here twice"), std::string::npos
    );
}

TEST(ConfigFault, RefusesValuesOfAnotherType)
{
    EXPECT_EQ(
        faults_of(with_account("", "guards: 5\nspool: [a]\nlog:\n")),
        "c.yaml:1:9: \"guards\" is a section; write its keys below it, indented (max_deletes, "
        "max_invalid, hold_above, hold_after, unproven_404, breaker, allow, deny, dry_run)\n"
        "c.yaml:2:8: spool: it takes one value, not a list or a map\n"
        "c.yaml:3:1: \"log\" is a section; write its keys below it, indented (level, format)\n"
    );
    EXPECT_EQ(
        fault_of_account("pace:"),
        "c.yaml:5:5: pace: it has no value; write one, or remove the key\n"
    );
    EXPECT_EQ(
        fault_of_account("pace: ''"),
        "c.yaml:5:11: pace: it has no value; write one, or remove the key\n"
    );
}

TEST(ConfigFault, RefusesAccountNamesThatAreNoFolderNames)
{
    for (const char* name : {"a b", "a/b", "..", "é", "''"}) {
        const std::string text = with_account() + "  " + name + ": {}\n";
        EXPECT_NE(faults_of(text).find("is no name for an account"), std::string::npos) << name;
    }
    const std::string longest(64, 'x');
    const std::string keys = ": {api_key_env: A, rest_api_key_env: B}\n";
    EXPECT_EQ(faults_of(with_account() + "  " + longest + keys), "");
    EXPECT_NE(faults_of(with_account() + "  " + longest + "x" + keys), "");
}

struct bad_value
{
    const char* line;
    const char* sentence;  // a part of it
};

class BadValue : public testing::TestWithParam<bad_value>
{
};

TEST_P(BadValue, IsAFaultWithAMend)
{
    const std::string text = with_account("", std::string{GetParam().line} + "\n");
    EXPECT_NE(faults_of(text).find(GetParam().sentence), std::string::npos) << faults_of(text);
    EXPECT_EQ(read(text).faults.size(), 1u) << faults_of(text);
}

INSTANTIATE_TEST_SUITE_P(
    Config,
    BadValue,
    testing::Values(
        bad_value{"spool: var/spool", "\"var/spool\" is not an absolute path; begin it with a /"},
        bad_value{"spool: //", "the root of the file system"},
        bad_value{"default_account: prd", "there is no account \"prd\"; did you mean \"prod\"?"},
        bad_value{"default_account: other", "there is no account \"other\"; name one of"},
        bad_value{"guards: {max_deletes: 0}", "0 is out of range: write 1 to "},
        bad_value{"guards: {max_deletes: -1}", "\"-1\" is not a whole number"},
        bad_value{"guards: {max_deletes: 1.5}", "\"1.5\" is not a whole number"},
        bad_value{"guards: {max_deletes: 99999999999999999999}", "is out of range"},
        bad_value{"guards: {hold_after: 0}", "0 is out of range: write 1 to "},
        bad_value{"guards: {unproven_404: 1001}", "write 1 to 1000"},
        bad_value{"guards: {breaker: {window: 9}}", "write 10 to 100000"},
        bad_value{"guards: {breaker: {not_deleted: 0.5}}", "is not a percentage, such as 50%"},
        bad_value{"guards: {breaker: {not_deleted: 101%}}", "write 0% to 100%"},
        bad_value{"guards: {breaker: {not_deleted: -5%}}", "write 0% to 100%"},
        bad_value{"guards: {breaker: {not_deleted: nan%}}", "is not a percentage"},
        bad_value{"guards: {allow: allow.txt}", "is not an absolute path"},
        bad_value{"guards: {deny: ./deny}", "is not an absolute path"},
        bad_value{"guards: {dry_run: yes}", "\"yes\" is not possible; write true or false"},
        bad_value{"retry: {attempts: 0}", "write 1 to 100"},
        bad_value{"retry: {base: 1}", "\"1\" is not a duration: write a number and its unit"},
        bad_value{"retry: {base: 5s, cap: 4s}", "the cap is shorter than the base"},
        bad_value{"results: {sync: 11s}", "11s is out of range: write 1ms to 10s"},
        bad_value{"results: {reserve: 1KiB}", "1KiB is out of range: write 64KiB to 1TiB"},
        bad_value{"results: {reserve: 64MB}", "is not a size"},
        bad_value{"results: {stream: stdout}", "not available in this version; write none"},
        bad_value{"intake: {rescan: 1ms}", "1ms is out of range: write 100ms to 1d"},
        bad_value{"retention: {age: 90}", "\"90\" is not a duration"},
        bad_value{"retention: {warn_size: 1B}", "write 1MiB to 1024TiB"},
        bad_value{"http: {listen: 127.0.0.1:9464}", "not available in this version; write off"},
        bad_value{"log: {format: jsn}", "did you mean \"json\"?"},
        bad_value{"shutdown: {drain: 2h}", "2h is out of range: write 0s to 1h"}
    )
);

class BadAccountValue : public testing::TestWithParam<bad_value>
{
};

TEST_P(BadAccountValue, IsAFaultWithAMend)
{
    const std::string faults = fault_of_account(GetParam().line);
    EXPECT_NE(faults.find(GetParam().sentence), std::string::npos) << faults;
    EXPECT_EQ(std::ranges::count(faults, '\n'), 1) << faults;
}

// std::regex adds up the digits of a repetition or a reference until they overflow.
TEST(BadTokenShape, ANumberBeyondEveryTokenIsRefusedAndDigitsForThemselvesAreNot)
{
    const std::string sentence = "a number of more than four digits";
    const std::string faults = fault_of_account("token_shape: '(a)\\8888888888888888888'");
    EXPECT_NE(faults.find(sentence), std::string::npos) << faults;
    EXPECT_EQ(fault_of_account("token_shape: '1234567890[0-9a-f]{1,128}'"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Config,
    BadAccountValue,
    testing::Values(
        bad_value{"kind: cep-campaigns", "not available in this version"},
        bad_value{"kind: campaign", "did you mean \"campaigns\"?"},
        bad_value{"project_key_file: /k/p", "not available in this version"},
        bad_value{"api_key: abcd", "name the file that holds it, as api_key_file"},
        bad_value{"version: 2.4", "not available in this version"},
        bad_value{"version: latest", "is not a version of the API; write \"1.1\""},
        bad_value{"pace: 0/s", "0/s is out of range"},
        bad_value{"pace: 10", "neither auto nor a rate"},
        bad_value{"connections: 0", "write 1 to 64"},
        bad_value{"max_window: 1025", "write 1 to 1024"},
        bad_value{"timeout: 11min", "write 100ms to 10min"},
        bad_value{"ca_file: ca.pem", "is not an absolute path"},
        bad_value{"token_shape: automatic", "is neither auto nor any, nor a pattern"},
        bad_value{"token_shape: '[0-9'", "is not a regular expression"},
        bad_value{"token_shape: 'a{8888888888888888888}'", "a number of more than four digits"},
        bad_value{"token_shape: 'a{1,10000}'", "a number of more than four digits"},
        bad_value{"shared_limit: a b", "write 1 to 64 of A-Z a-z 0-9 _ -"},
        bad_value{"api_key_env: OTHER", "the account has both api_key_file and api_key_env"}
    )
);

}  // namespace
}  // namespace reaper
