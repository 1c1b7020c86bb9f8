// config/config.yaml documents every setting, so it must be right: it is read as it stands, and
// once more with every commented setting in force.

#include "reaper/io/config_yaml.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

namespace reaper {
namespace {

std::string example()
{
    return test::content_of(REAPER_SOURCE_DIR "/config/config.yaml");
}

bool is_key(const std::string& word)
{
    return std::ranges::any_of(config_keys(), [&word](std::string_view path) {
        return ("." + std::string{path} + ".").find("." + word + ".") != std::string::npos;
    });
}

// The example with its comment signs removed before settings, and only there.
std::string with_all_settings()
{
    static const std::regex setting("^( *)# ( *)([a-z0-9_]+):( .*)?$");
    std::istringstream lines(example());
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, setting) && is_key(match[3]))
            line = match.str(1) + match.str(2) + match.str(3) + ":" + match.str(4);
        out += line + "\n";
    }
    return out;
}

// A secret has one source, so the others stay commented when the whole is read.
std::string with_one_source(const std::string& text)
{
    static const std::regex other("\n *(rest_)?api_key_(env|credential):[^\n]*");
    return std::regex_replace(text, other, "");
}

void collect(const YAML::Node& node, const std::string& path, std::set<std::string>& out)
{
    if (!node.IsMap()) {
        out.insert(path);
        return;
    }
    for (const auto& entry : node) {
        const std::string key = path == "accounts" ? "*" : entry.first.Scalar();
        collect(entry.second, path.empty() ? key : path + "." + key, out);
    }
}

TEST(ExampleConfig, HasNoFault)
{
    const config_outcome outcome = read_config_text(example(), "config.yaml", {});
    EXPECT_TRUE(outcome.value);
    for (const config_fault& fault : outcome.faults)
        ADD_FAILURE() << describe(fault);
    for (const config_fault& warning : outcome.warnings)
        ADD_FAILURE() << describe(warning);
}

TEST(ExampleConfig, ShowsTheDefaults)
{
    const config_outcome plain = read_config_text(example(), "config.yaml", {});
    const config_outcome full =
        read_config_text(with_one_source(with_all_settings()), "config.yaml", {});
    for (const config_fault& fault : full.faults)
        ADD_FAILURE() << describe(fault);
    EXPECT_EQ(plain.value, full.value);
}

TEST(ExampleConfig, ShowsEveryKeyThatThereIs)
{
    std::set<std::string> shown;
    collect(YAML::Load(with_all_settings()), "", shown);
    const std::set<std::string> known(config_keys().begin(), config_keys().end());
    EXPECT_EQ(shown, known);
}

}  // namespace
}  // namespace reaper
