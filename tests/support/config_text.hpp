#pragma once
// Short ways to read a configuration in a test.

#include "reaper/io/config_yaml.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper::test {

// One account with all that it must have; `more` is laid below it, indented by four.
inline std::string with_account(const std::string& more = {}, const std::string& top = {})
{
    return top +
           "accounts:\n"
           "  prod:\n"
           "    api_key_file: /k/api\n"
           "    rest_api_key_file: /k/rest\n" +
           more;
}

inline config_outcome read(const std::string& text, const environment_map& environment = {})
{
    return read_config_text(text, "c.yaml", environment);
}

inline settings value_of(const std::string& text, const environment_map& environment = {})
{
    const config_outcome outcome = read(text, environment);
    for (const config_fault& fault : outcome.faults)
        ADD_FAILURE() << describe(fault);
    return outcome.value.value_or(settings{});
}

// The faults, one per line.
inline std::string faults_of(const std::string& text, const environment_map& environment = {})
{
    const config_outcome outcome = read(text, environment);
    EXPECT_EQ(outcome.value.has_value(), outcome.faults.empty());
    std::string all;
    for (const config_fault& fault : outcome.faults)
        all += describe(fault) + "\n";
    return all;
}

inline std::string fault_of_account(const std::string& line)
{
    return faults_of(with_account("    " + line + "\n"));
}

inline account_settings account_with(const std::string& line)
{
    return value_of(with_account("    " + line + "\n")).accounts["prod"];
}

}  // namespace reaper::test
