#pragma once
// A spool, a file to submit, and the flags: what the tests of `submit` share.

#include "reaper/cli/commands.hpp"
#include "reaper/cli/job_publisher.hpp"
#include "support/cli_spool.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <string>

namespace reaper::test {

struct submit_bench : testing::Test
{
    submit_bench()
    {
        config.spool = spool.root.path();
        config.default_account = "prod";
        config.accounts["prod"].name = "prod";
        config.accounts["test"].name = "test";
        config.accounts["test"].kind = campaign_kind::in_app_campaigns;
    }

    // A file outside the spool.
    std::string file(const std::string& name, const std::string& content)
    {
        put_content(work / name, content);
        return work / name;
    }

    exit_status run() { return submit(asked, config, spool.io); }

    std::string published_id()
    {
        const std::string id = spool.printed();
        EXPECT_FALSE(id.empty()) << spool.said();
        return id.substr(0, id.find('\n'));
    }

    job_reading read_published(const std::string& path, job_format format)
    {
        const auto input = open_input(path, -1, "/nowhere");
        EXPECT_TRUE(input);
        const auto reading = read_job_file(*input, format, nullptr);
        EXPECT_TRUE(reading);
        return *reading;
    }

    bool nothing_is_published()
    {
        return spool.names_in(spool.paths.incoming).empty() && spool.printed().empty();
    }

    temp_dir work;
    cli_spool spool;
    settings config;
    submit_options asked;
};

inline const std::string two_lines = hex_token(1) + "\n" + hex_token(2) + "\n";

}  // namespace reaper::test
