#include "reaper/io/config_yaml.hpp"

#include "support/config_text.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace reaper {
namespace {

using namespace std::chrono_literals;
using namespace test;

TEST(Config, OneAccountWithItsKeysIsEnough)
{
    const settings config = value_of(with_account());
    EXPECT_EQ(config.file, "c.yaml");
    EXPECT_EQ(config.spool, "/var/lib/campaign-reaper");
    EXPECT_EQ(config.default_account, "prod");
    EXPECT_EQ(config.drain, 25s);
    ASSERT_TRUE(config.accounts.contains("prod"));

    const account_settings& account = config.accounts.at("prod");
    EXPECT_EQ(account.name, "prod");
    EXPECT_EQ(account.kind, campaign_kind::campaigns);
    EXPECT_EQ(account.version, "1.1");
    EXPECT_EQ(account.api_key, (secret_source{secret_source::from::file, "/k/api"}));
    EXPECT_EQ(account.rest_api_key, (secret_source{secret_source::from::file, "/k/rest"}));
    EXPECT_EQ(account.endpoint.url, "https://api.batch.com");
    EXPECT_EQ(account.endpoint.host, "api.batch.com");
    EXPECT_EQ(account.endpoint.port, 443);
    EXPECT_TRUE(account.endpoint.tls);
    EXPECT_EQ(account.pace_per_s, std::nullopt);
    EXPECT_EQ(account.guards, guard_settings{});
    EXPECT_EQ(account.retry, retry_settings{});
}

TEST(Config, ReadsEverySetting)
{
    const settings config = value_of(
        R"(spool: /srv/spool/
default_account: b
accounts:
  a: {api_key_env: A_KEY, rest_api_key_credential: a.rest}
  b:
    kind: in-app-campaigns
    version: "1.2"
    api_key_file: /k/api
    rest_api_key_file: /k/rest
    endpoint: https://Example.org:8443/prefix/
    pace: 600/min
    connections: 4
    max_window: 1024
    timeout: 5s
    ca_file: /etc/ca.pem
    token_shape: "[0-9a-f]{8}"
    shared_limit: one
    guards: {max_deletes: 7, breaker: {window: 10}, deny: none}
guards:
  max_deletes: 10
  max_invalid: 3
  hold_above: 0
  hold_after: 10
  unproven_404: 5
  breaker: {window: 200, not_deleted: 12.5%}
  allow: /lists/allow
  deny: /lists/deny
retry: {attempts: 3, base: 2s, cap: 10s}
results: {sync: 20ms, stream: none, reserve: 1GiB}
intake: {settle: 0s, rescan: 1min}
retention: {age: 30d, warn_size: 1TiB}
http: {listen: off}
log: {level: debug, format: json}
shutdown: {drain: 90s}
)"
    );
    EXPECT_EQ(config.spool, "/srv/spool");
    EXPECT_EQ(config.default_account, "b");
    EXPECT_EQ(config.results, (results_settings{20ms, 1ull << 30}));
    EXPECT_EQ(config.intake, (intake_settings{0s, 1min}));
    EXPECT_EQ(config.retention, (retention_settings{24h * 30, 1ull << 40}));
    EXPECT_EQ(config.log, (log_settings{log_level::debug, log_format::json}));
    EXPECT_EQ(config.drain, 90s);

    const account_settings& a = config.accounts.at("a");
    EXPECT_EQ(a.api_key, (secret_source{secret_source::from::environment, "A_KEY"}));
    EXPECT_EQ(a.rest_api_key, (secret_source{secret_source::from::credential, "a.rest"}));
    EXPECT_EQ(a.guards.max_deletes, 10u);
    EXPECT_EQ(a.guards.max_invalid, 3u);
    EXPECT_EQ(a.guards.hold_above, 0u);
    EXPECT_EQ(a.guards.hold_after, 10u);
    EXPECT_EQ(a.guards.unproven_404, 5u);
    EXPECT_EQ(a.guards.breaker, (breaker_settings{200, 0.125}));
    EXPECT_EQ(a.guards.allow, "/lists/allow");
    EXPECT_EQ(a.guards.deny, "/lists/deny");
    EXPECT_EQ(a.retry, (retry_settings{3, 2s, 10s}));

    const account_settings& b = config.accounts.at("b");
    EXPECT_EQ(b.kind, campaign_kind::in_app_campaigns);
    EXPECT_EQ(b.version, "1.2");
    EXPECT_EQ(
        b.endpoint,
        (endpoint_settings{"https://Example.org:8443/prefix/", true, "example.org", 8443, "/prefix"}
        )
    );
    EXPECT_DOUBLE_EQ(b.pace_per_s.value(), 10);
    EXPECT_EQ(b.connections, 4u);
    EXPECT_EQ(b.max_window, 1024u);
    EXPECT_EQ(b.timeout, 5s);
    EXPECT_EQ(b.ca_file, "/etc/ca.pem");
    EXPECT_EQ(b.shape, (token_shape{token_shape::form::pattern, "[0-9a-f]{8}"}));
    EXPECT_EQ(b.shared_limit, "one");
}

TEST(Config, LaysTheGuardsOfAnAccountOverTheGlobalOnes)
{
    const settings config = value_of(with_account(
        "    guards: {max_deletes: 7, hold_above: none, deny: none, breaker: {window: 10}}\n",
        "guards: {max_deletes: 10, max_invalid: 2, hold_above: 5, deny: /deny,\n"
        "  breaker: {window: 200, not_deleted: 20%}}\n"
    ));
    guard_settings expected;
    expected.max_deletes = 7;
    expected.max_invalid = 2;
    expected.breaker = {10, 0.2};
    EXPECT_EQ(config.accounts.at("prod").guards, expected);
}

TEST(Config, AnAccountCannotLiftTheDryRunOfAll)
{
    const std::string all = "guards: {dry_run: true}\n";
    EXPECT_TRUE(value_of(with_account("", all)).accounts["prod"].guards.dry_run);
    EXPECT_EQ(
        faults_of(with_account("    guards: {dry_run: false}\n", all)),
        "c.yaml:6:23: dry_run: an account cannot lift the dry run of all; remove it here or from "
        "the "
        "guards above\n"
    );
    EXPECT_TRUE(account_with("guards: {dry_run: true}").guards.dry_run);
}

TEST(Config, NamesEveryFaultAtOnceInTheOrderOfTheFile)
{
    EXPECT_EQ(
        faults_of(R"(spol: /srv
accounts:
  prod:
    api_key_file: /k/api
    pace: fast
    max_windw: 3
    connections: 65
log: {level: warn}
)"),
        "c.yaml:1:1: there is no key \"spol\"; did you mean \"spool\"?\n"
        "c.yaml:3:3: the account has no rest_api_key; add rest_api_key_file: /path/to/the/key (or "
        "rest_api_key_env, or rest_api_key_credential)\n"
        "c.yaml:5:11: pace: \"fast\" is neither auto nor a rate, such as 10/s or 600/min\n"
        "c.yaml:6:5: there is no key \"max_windw\" in accounts.<name>; did you mean "
        "\"max_window\"?\n"
        "c.yaml:7:18: connections: 65 is out of range: write 1 to 64\n"
        "c.yaml:8:14: level: \"warn\" is not possible; write debug or info or warning or error\n"
    );
}

TEST(Config, RefusesAnEmptyConfiguration)
{
    for (const char* text : {"", "# nothing\n", "accounts:\n", "accounts: {}\n", "{}"})
        EXPECT_NE(faults_of(text).find("there is no account"), std::string::npos) << text;
}

TEST(Config, HasNoDefaultAccountIfThereAreSeveralAndNoneIsSaid)
{
    const config_outcome outcome =
        read(with_account() + "  other: {api_key_env: A, rest_api_key_env: B}\n");
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.value->default_account, "");
    ASSERT_EQ(outcome.warnings.size(), 1u);
    EXPECT_NE(outcome.warnings[0].sentence.find("no default_account"), std::string::npos);
}

TEST(Config, WarnsOfADryRunAndOfABreakerThatIsOff)
{
    const config_outcome outcome =
        read(with_account("", "guards: {dry_run: true, breaker: {not_deleted: 100%}}\n"));
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.warnings.size(), 2u);
    EXPECT_TRUE(read(with_account()).warnings.empty());
}

TEST(Config, FollowsAnchorsAndMerges)
{
    const settings config = value_of(R"(x-base: &base
  api_key_env: A
  rest_api_key_env: B
  pace: 5/s
x-slow: &slow {pace: 1/s, timeout: 60s}
accounts:
  a: *base
  b: {<<: *base, pace: 6/s}
  c: {<<: [*slow, *base]}
)");
    ASSERT_EQ(config.accounts.size(), 3u);
    EXPECT_DOUBLE_EQ(config.accounts.at("a").pace_per_s.value(), 5);
    EXPECT_DOUBLE_EQ(config.accounts.at("b").pace_per_s.value(), 6);
    EXPECT_DOUBLE_EQ(config.accounts.at("c").pace_per_s.value(), 1);
    EXPECT_EQ(config.accounts.at("c").timeout, 60s);
    EXPECT_EQ(config.accounts.at("c").api_key.name, "A");
}

TEST(Config, ReportsAFaultInAnAnchoredMapOnce)
{
    EXPECT_EQ(
        faults_of(R"(x-base: &base {api_key_env: A, rest_api_key_env: B, pace: x}
accounts: {a: *base, b: *base}
)"),
        "c.yaml:1:59: pace: \"x\" is neither auto nor a rate, such as 10/s or 600/min\n"
    );
}

TEST(Config, RefusesMergesOfWhatIsNoMap)
{
    EXPECT_NE(fault_of_account("<<: 5").find("merges maps only"), std::string::npos);
    EXPECT_NE(fault_of_account("<<: [[5]]").find("merges maps only"), std::string::npos);
    EXPECT_NE(fault_of_account("<<:").find("merges maps only"), std::string::npos);
}

TEST(Config, EndsOnAliasesThatLeadBackOrMultiply)
{
    EXPECT_NE(faults_of("a: &a\n  b: *a\n").find("too deeply nested"), std::string::npos);
    EXPECT_NE(faults_of("a: &a\n  <<: *a\n").find("too deeply nested"), std::string::npos);
    std::string bomb = "x0: &x0 {a: 1, b: 2}\n";
    for (int i = 1; i < 12; ++i) {
        const std::string last = "*x" + std::to_string(i - 1);
        bomb += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " {";
        for (int j = 0; j < 12; ++j)
            bomb += "k" + std::to_string(j) + ": " + last + " , ";
        bomb += "z: 1}\n";
    }
    EXPECT_NE(faults_of(bomb).find("there is too much here"), std::string::npos);
}

// A reload reads on the thread that sends: text that is no configuration must not hold it up.
// Without the bound these take minutes.
TEST(Config, EndsSoonOnMoreKeysThanAConfigurationHas)
{
    std::string keys;
    std::string maps;
    for (int i = 0; i < 30'000; ++i) {
        keys += "k" + std::to_string(i) + ": 1\n";
        maps += "a" + std::to_string(i) + ": {x: 1}\n";
    }
    for (const std::string& text : {keys, maps, "guards: {}\n" + keys}) {
        const config_outcome outcome = read(text);
        EXPECT_FALSE(outcome.value);
        ASSERT_EQ(outcome.faults.size(), 1u);
    }
    EXPECT_NE(faults_of(keys).find("there is too much here"), std::string::npos);
}

TEST(Config, RefusesWhatIsNoYaml)
{
    EXPECT_EQ(
        faults_of("a: b: c\n"),
        "c.yaml:1:5: this is not YAML: illegal map value; look for a missing quote, colon or "
        "indentation\n"
    );
    EXPECT_NE(faults_of("spool: 'x").find("c.yaml:1:"), std::string::npos);
    EXPECT_NE(
        faults_of("a: " + std::string(5000, '[')).find("nested too deeply"), std::string::npos
    );
    EXPECT_EQ(
        faults_of("- a\n- b\n"), "c.yaml:1:1: a configuration is a map; write `key: value` lines\n"
    );
    EXPECT_NE(faults_of("[a]: b\n").find("a key must be a word"), std::string::npos);
    EXPECT_EQ(
        faults_of("spool: /s\n---\nspool: /x\n"),
        "c.yaml:2:1: the configuration ends before this; mend the line above, or remove what "
        "follows\n"
    );
}

TEST(Config, EndsOnTextThatYamlCppFindsDocumentsInWithoutEnd)
{
    for (const char* text : {",", "a: 1\n, b: 2\n", ", accounts: {a]}}"})
        EXPECT_NE(faults_of(text), "") << text;
}

TEST(Config, RefusesBytesThatYamlForbids)
{
    // yaml-cpp would take 0x04 for the end of the file.
    EXPECT_NE(
        faults_of(with_account() + "\x04").find("c.yaml:5: there is a control byte"),
        std::string::npos
    );
    EXPECT_NE(faults_of(std::string{"a\0b", 3}).find("control byte"), std::string::npos);
    EXPECT_NE(faults_of("a: \xFF").find("not UTF-8"), std::string::npos);
    EXPECT_NE(
        faults_of(std::string((1 << 20) + 1, '#')).find("larger than 1 MiB"), std::string::npos
    );
}

TEST(Config, TakesAByteOrderMarkAndDosLineEnds)
{
    std::string text = "\xEF\xBB\xBF" + with_account();
    for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2)
        text.insert(at, 1, '\r');
    EXPECT_EQ(faults_of(text), "");
}

TEST(Config, ReadsAFile)
{
    const test::temp_dir dir;
    const std::string path = dir.path() + "/config.yaml";
    const config_outcome missing = read_config(path, {});
    ASSERT_EQ(missing.faults.size(), 1u);
    EXPECT_EQ(
        describe(missing.faults[0]),
        path +
            ": there is no such file; create it, or name another with --config or "
            "CAMPAIGN_REAPER_CONFIG"
    );
    std::ofstream(path) << with_account();
    const config_outcome outcome = read_config(path, {});
    ASSERT_TRUE(outcome.value);
    EXPECT_EQ(outcome.value->file, path);
    EXPECT_EQ(read_config(dir.path(), {}).faults.at(0).sentence, "it is not a regular file");
}

}  // namespace
}  // namespace reaper
