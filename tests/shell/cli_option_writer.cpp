#include "reaper/cli/option_writer.hpp"
#include "reaper/core/job_reader.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace reaper {
namespace {

using test::hex_token;

const std::string a = hex_token(0xa);
const std::string b = hex_token(0xb);

job_options some_options()
{
    job_options options;
    options.account = "prod";
    options.dry_run = true;
    options.hold_after = 10;
    options.label = "spring: \"sale\" # --- {}";
    options.deadline = parse_rfc3339("2026-11-22T20:30:15.000Z");
    return options;
}

std::string rewritten(
    job_format format, std::string_view file, const job_options& added, std::size_t chunk
)
{
    option_writer writer(format, added);
    std::string out;
    for (; !file.empty(); file.remove_prefix(std::min(chunk, file.size())))
        writer.feed(file.substr(0, chunk), out);
    writer.finish(out);
    return out;
}

struct read_back
{
    job_options options;
    std::vector<std::string> tokens;
    std::string failure;
};

read_back read(job_format format, const std::string& file)
{
    job_reader reader(format, nullptr);
    read_back got;
    const auto drain = [&] {
        while (const auto item = reader.next())
            got.tokens.emplace_back(item->token);
    };
    reader.feed(file);
    drain();
    reader.finish();
    drain();
    if (reader.failure())
        got.failure = reader.failure()->sentence;
    got.options = reader.options();
    return got;
}

struct sample
{
    const char* name;
    job_format format;
    std::string file;
};

std::vector<sample> samples()
{
    const std::string mark = "\xEF\xBB\xBF";
    return {
        {"text", job_format::text, a + "\n" + b + "\n"},
        {"text_crlf", job_format::text, a + "\r\n" + b + "\r\n"},
        {"text_mark", job_format::text, mark + a + "\n" + b + "\n"},
        {"text_comment", job_format::text, "# these\n\n" + a + "\n" + b + "\n"},
        {"text_front_matter", job_format::text, "---\npriority: bulk\n---\n" + a + "\n" + b + "\n"},
        {"text_front_matter_crlf",
         job_format::text,
         mark + "---\r\npriority: bulk\r\n---\r\n" + a + "\r\n" + b + "\r\n"},
        {"csv", job_format::csv, "name;token\nx;" + a + "\ny;" + b + "\n"},
        {"csv_front_matter",
         job_format::csv,
         "---\npriority: bulk\n---\ntoken\n" + a + "\n" + b + "\n"},
        {"json_array", job_format::json, mark + " \n[\"" + a + "\", {\"token\":\"" + b + "\"}]\n"},
        {"json_object",
         job_format::json,
         "{ \"tokens\": [\"" + a + "\",\"" + b + "\"], \"priority\": \"bulk\" }"},
        {"jsonl", job_format::jsonl, "\"" + a + "\"\n{\"campaign_token\":\"" + b + "\"}\n"},
        {"jsonl_options",
         job_format::jsonl,
         mark + "{\"job\": {\"priority\": \"bulk\"}}\n\"" + a + "\"\n\"" + b + "\"\n"},
    };
}

class OptionWriter : public testing::TestWithParam<sample>
{
};

TEST_P(OptionWriter, AddedOptionsAreReadBackBesideThoseThatTheFileStates)
{
    const auto before = read(GetParam().format, GetParam().file);
    ASSERT_EQ(before.failure, "");
    job_options wanted = some_options();
    wanted.prio = before.options.prio;
    for (const std::size_t chunk : {1u, 2u, 7u, 1000u}) {
        const std::string file =
            rewritten(GetParam().format, GetParam().file, some_options(), chunk);
        const auto after = read(GetParam().format, file);
        EXPECT_EQ(after.failure, "") << file;
        EXPECT_EQ(after.options, wanted) << file;
        EXPECT_EQ(after.tokens, (std::vector<std::string>{a, b})) << file;
    }
}

TEST_P(OptionWriter, WithNothingToAddTheFileIsCopiedAsItIs)
{
    EXPECT_EQ(rewritten(GetParam().format, GetParam().file, {}, 5), GetParam().file);
}

INSTANTIATE_TEST_SUITE_P(
    Formats,
    OptionWriter,
    testing::ValuesIn(samples()),
    [](const testing::TestParamInfo<sample>& each) { return std::string(each.param.name); }
);

TEST(OptionWriterText, FrontMatterIsKeptAsItWasWritten)
{
    job_options added;
    added.count = 1;
    EXPECT_EQ(
        rewritten(job_format::text, "---\n# why\nhold: true\n---\n" + a + "\n", added, 3),
        "---\ncount: 1\n# why\nhold: true\n---\n" + a + "\n"
    );
}

TEST(OptionWriterText, AFileWithoutALineEndIsWrittenWhole)
{
    job_options added;
    added.hold = true;
    EXPECT_EQ(rewritten(job_format::text, a, added, 100), "---\nhold: true\n---\n" + a);
}

}  // namespace
}  // namespace reaper
