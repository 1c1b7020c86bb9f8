// `${NAME}`, overrides by variables, and what faults must never show.

#include "reaper/io/config_yaml.hpp"

#include <gtest/gtest.h>

namespace reaper {
namespace {

const std::string base =
    "accounts:\n"
    "  prod:\n"
    "    api_key_file: /k/api\n"
    "    rest_api_key_file: /k/rest\n";

settings value_of(const std::string& text, const environment_map& environment)
{
    const config_outcome outcome = read_config_text(text, "c.yaml", environment);
    for (const config_fault& fault : outcome.faults)
        ADD_FAILURE() << describe(fault);
    return outcome.value.value_or(settings{});
}

std::string faults_of(const std::string& text, const environment_map& environment)
{
    std::string all;
    for (const config_fault& fault : read_config_text(text, "c.yaml", environment).faults)
        all += describe(fault) + "\n";
    return all;
}

TEST(ConfigVariables, ExpandInValues)
{
    const environment_map environment = {{"BASE", "/srv"}, {"N_1", "7"}};
    const settings config = value_of(
        "spool: ${BASE}/spool-${N_1}\nguards: {max_deletes: \"${N_1}\"}\n" + base, environment
    );
    EXPECT_EQ(config.spool, "/srv/spool-7");
    EXPECT_EQ(config.accounts.at("prod").guards.max_deletes, 7u);
}

TEST(ConfigVariables, ADollarSignIsWrittenTwiceAndIsKeptWhereNothingFollows)
{
    EXPECT_EQ(value_of("spool: /a$${B}\n" + base, {{"B", "x"}}).spool, "/a${B}");
    EXPECT_EQ(value_of("spool: /a$B$\n" + base, {{"B", "x"}}).spool, "/a$B$");
    EXPECT_EQ(value_of("spool: /a$$$$b\n" + base, {}).spool, "/a$$b");
}

TEST(ConfigVariables, AreNotExpandedAgain)
{
    EXPECT_EQ(value_of("spool: /${A}\n" + base, {{"A", "${B}"}, {"B", "x"}}).spool, "/${B}");
}

TEST(ConfigVariables, ThatAreNotSetAreFaults)
{
    EXPECT_EQ(
        faults_of("spool: ${NOWHERE}\n" + base, {}),
        "c.yaml:1:8: the environment variable \"NOWHERE\" is not set; set it, or write the value "
        "here\n"
    );
}

TEST(ConfigVariables, MustBeWellFormed)
{
    for (const char* text : {"/${", "/${}", "/${A", "/${A-B}", "/${1A}", "/${A:-x}"})
        EXPECT_EQ(
            faults_of("spool: \"" + std::string{text} + "\"\n" + base, {{"A", "x"}}),
            "c.yaml:1:8: `${` must be followed by the name of a variable and `}`; write `$$` for a "
            "dollar sign\n"
        ) << text;
}

TEST(ConfigOverrides, ReplaceAndAddKeys)
{
    const environment_map environment = {
        {"CAMPAIGN_REAPER__SPOOL", "/srv"},
        {"CAMPAIGN_REAPER__log__Level", "debug"},
        {"CAMPAIGN_REAPER__GUARDS__BREAKER__WINDOW", "50"},
        {"CAMPAIGN_REAPER__ACCOUNTS__PROD__PACE", "5/s"},
        {"CAMPAIGN_REAPER__ACCOUNTS__PROD__GUARDS__DRY_RUN", "true"},
    };
    const settings config = value_of("spool: /other\n" + base, environment);
    EXPECT_EQ(config.spool, "/srv");
    EXPECT_EQ(config.log.level, log_level::debug);
    const account_settings& account = config.accounts.at("prod");
    EXPECT_EQ(account.guards.breaker.window, 50u);
    EXPECT_DOUBLE_EQ(account.pace_per_s.value(), 5);
    EXPECT_TRUE(account.guards.dry_run);
}

TEST(ConfigOverrides, MayBeTheWholeConfiguration)
{
    const environment_map environment = {
        {"CAMPAIGN_REAPER__ACCOUNTS__PROD__API_KEY_ENV", "A"},
        {"CAMPAIGN_REAPER__ACCOUNTS__PROD__REST_API_KEY_ENV", "B"},
    };
    const settings config = value_of("", environment);
    ASSERT_TRUE(config.accounts.contains("prod"));
    EXPECT_EQ(config.default_account, "prod");
}

TEST(ConfigOverrides, FindAccountsInEitherCaseAndWithDashes)
{
    const std::string text =
        "accounts:\n"
        "  My-App: {api_key_env: A, rest_api_key_env: B}\n"
        "  my: {api_key_env: A, rest_api_key_env: B}\n"
        "  my__app: {api_key_env: A, rest_api_key_env: B}\n";
    const settings config = value_of(
        text,
        {{"CAMPAIGN_REAPER__ACCOUNTS__MY_APP__PACE", "1/s"},
         {"CAMPAIGN_REAPER__ACCOUNTS__MY__PACE", "2/s"},
         {"CAMPAIGN_REAPER__ACCOUNTS__MY__APP__PACE", "3/s"}}
    );
    ASSERT_EQ(config.accounts.size(), 3u);
    EXPECT_DOUBLE_EQ(config.accounts.at("My-App").pace_per_s.value(), 1);
    EXPECT_DOUBLE_EQ(config.accounts.at("my").pace_per_s.value(), 2);
    EXPECT_DOUBLE_EQ(config.accounts.at("my__app").pace_per_s.value(), 3);
}

TEST(ConfigOverrides, ThatFitTwoAccountsAreFaults)
{
    const std::string text =
        "accounts:\n"
        "  a-b: {api_key_env: A, rest_api_key_env: B}\n"
        "  a_b: {api_key_env: A, rest_api_key_env: B}\n";
    EXPECT_EQ(
        faults_of(text, {{"CAMPAIGN_REAPER__ACCOUNTS__A_B__PACE", "1/s"}}),
        "environment variable CAMPAIGN_REAPER__ACCOUNTS__A_B__PACE: it fits more than one account; "
        "rename one of them\n"
    );
}

TEST(ConfigOverrides, ThatNameNoKeyAreFaults)
{
    EXPECT_EQ(
        faults_of(base, {{"CAMPAIGN_REAPER__SPOL", "/x"}}),
        "environment variable CAMPAIGN_REAPER__SPOL: it names no key: there is no \"spol\"; did "
        "you "
        "mean \"spool\"?\n"
    );
    EXPECT_EQ(
        faults_of(base, {{"CAMPAIGN_REAPER__HTTP", "/x"}}),
        "environment variable CAMPAIGN_REAPER__HTTP: it names a section; add the name of a key "
        "behind `__`\n"
    );
    EXPECT_EQ(
        faults_of(base, {{"CAMPAIGN_REAPER__SPOOL__X", "/x"}}),
        "environment variable CAMPAIGN_REAPER__SPOOL__X: the key spool has no keys below it\n"
    );
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER__", "/x"}}), "");
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER____", "/x"}}), "");
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER__ACCOUNTS", "/x"}}), "");
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER__ACCOUNTS__", "/x"}}), "");
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER__ACCOUNTS__PROD", "/x"}}), "");
    EXPECT_NE(faults_of(base, {{"CAMPAIGN_REAPER__ACCOUNTS__A B__PACE", "1/s"}}), "");
}

TEST(ConfigOverrides, WithAWrongValueAreFaultsThatNameTheVariable)
{
    EXPECT_EQ(
        faults_of(base, {{"CAMPAIGN_REAPER__RETRY__ATTEMPTS", "many"}}),
        "environment variable CAMPAIGN_REAPER__RETRY__ATTEMPTS: attempts: \"many\" is not a whole "
        "number, such as 100\n"
    );
    EXPECT_EQ(
        faults_of(base, {{"CAMPAIGN_REAPER__SPOOL", ""}}),
        "environment variable CAMPAIGN_REAPER__SPOOL: spool: it has no value; write one, or remove "
        "the key\n"
    );
}

TEST(ConfigOverrides, OtherVariablesAreNone)
{
    const settings config = value_of(
        base, {{"CAMPAIGN_REAPER_CONFIG", "/x"}, {"CAMPAIGN_REAPER", "x"}, {"SPOOL", "/x"}}
    );
    EXPECT_EQ(config.spool, settings{}.spool);
}

// Whatever is pasted where it does not belong, no fault repeats it.
class PastedKey : public testing::TestWithParam<const char*>
{
};

TEST_P(PastedKey, IsShownByNoFault)
{
    const std::string key = "0A1B2C3D4E5F60718293A4B5C6D7E8";
    std::string text = GetParam();
    for (std::size_t at = 0; (at = text.find("KEY", at)) != text.npos; at += key.size())
        text.replace(at, 3, key);
    const environment_map environment = {
        {"SECRET", "short7"}, {"CAMPAIGN_REAPER__LOG__LEVEL", "info"}};
    const std::string faults = faults_of(text, environment);
    EXPECT_NE(faults, "");
    EXPECT_EQ(faults.find("0A1B2C"), std::string::npos) << faults;
    EXPECT_EQ(faults.find("short7"), std::string::npos) << faults;
    EXPECT_EQ(faults.find("pass word"), std::string::npos) << faults;
}

INSTANTIATE_TEST_SUITE_P(
    Config,
    PastedKey,
    testing::Values(
        "KEY",
        "KEY: 1",
        "'KEY",
        "*KEY",
        "accounts: KEY",
        "accounts: {KEY: 5}",
        "accounts: {a: KEY}",
        "accounts: {a: {KEY: 5}}",
        "accounts: {a: {api_key: KEY}}",
        "accounts: {a: {api_key_file: KEY}}",
        "accounts: {a: {api_key_file: pass word}}",
        "accounts: {a: {api_key_env: DEVKEY}}",
        "accounts: {a: {api_key_credential: KEY}}",
        "accounts: {a: {rest_api_key_env: pass word}}",
        "accounts: {a: {rest_api_key_env: '7pass word'}}",
        "accounts: {a: {rest_api_key_credential: /pass word}}",
        "accounts: {a: {endpoint: 'https://pass word@host/'}}",
        "accounts: {a: {endpoint: KEY}}",
        "accounts: {a: {endpoint: 'https://api.batch.com/1.1/KEY/campaigns'}}",
        "accounts: {a: {endpoint: 'https://api.batch.com/?k=KEY'}}",
        "accounts: {a: {kind: KEY, version: KEY, pace: KEY, connections: KEY, timeout: KEY}}",
        "accounts: {a: {ca_file: KEY, token_shape: KEY, shared_limit: ' KEY'}}",
        "accounts: {a: {pace: '${SECRET}', timeout: '${SECRET}', ca_file: '${SECRET}'}}",
        "accounts: {a: {guards: {breaker: {not_deleted: KEY}, dry_run: KEY}}}",
        "{spool: KEY, default_account: KEY, log: KEY, results: {reserve: KEY}}",
        "spool: ${KEY}"
    )
);

}  // namespace
}  // namespace reaper
