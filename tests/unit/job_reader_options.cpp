// The options of a job in each format's own place, read strictly (SPEC 4), and written.

#include "support/job_reading.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace reaper::test {
namespace {

const std::string a = hex_token(0xa);
const std::string job_id = "20261122T203015Z-spring.txt-0a1b";

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

reading front(const std::string& yaml)
{
    const token_rule rule = automatic_rule();
    return read_file(job_format::text, "---\n" + yaml + "---\n" + a + "\n", &rule);
}

reading object(const std::string& members)
{
    const token_rule rule = automatic_rule();
    return read_file(job_format::json, "{" + members + ",\"tokens\":[\"" + a + "\"]}", &rule);
}

reading first_line(const std::string& members)
{
    const token_rule rule = automatic_rule();
    return read_file(job_format::jsonl, "{\"job\":{" + members + "}}\n\"" + a + "\"\n", &rule);
}

job_options every_option()
{
    job_options all;
    all.account = "prod";
    all.kind = campaign_kind::in_app_campaigns;
    all.prio = priority::bulk;
    all.dry_run = true;
    all.hold = false;
    all.hold_after = 10;
    all.max_deletes = 18446744073709551615u;
    all.count = 1;
    all.not_before = parse_rfc3339("2026-11-22T20:30:15.123Z");
    all.deadline = parse_rfc3339("2026-11-23T00:00:00+02:00");
    all.label = "Spring: \"sale\", #1 \\ \xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80";
    all.retry_of = job_id;
    return all;
}

TEST(JobOptions, FrontMatterSetsEveryOption)
{
    const reading r = front(
        "account: prod\nkind: in-app-campaigns\npriority: bulk\ndry_run: true\nhold: false\n"
        "hold_after: 10\nmax_deletes: 18446744073709551615\ncount: 1\n"
        "not_before: 2026-11-22T20:30:15.123Z\ndeadline: \"2026-11-23T00:00:00+02:00\"\n"
        "label: 'Spring: \"sale\", #1 \\ \xC3\xA9t\xC3\xA9 \xF0\x9F\x98\x80'\nretry_of: " +
        job_id + "\n"
    );
    EXPECT_EQ(r.failure, "");
    EXPECT_EQ(r.options, every_option());
    EXPECT_EQ(r.lines(), "15");
}

TEST(JobOptions, WhatIsRenderedIsReadBackInEveryFormat)
{
    // Each option alone, all of them, and none.
    const job_options all = every_option();
    const std::vector<std::function<void(job_options&)>> copies = {
        [](job_options&) {},
        [&](job_options& o) { o = all; },
        [&](job_options& o) { o.account = all.account; },
        [&](job_options& o) { o.kind = all.kind; },
        [&](job_options& o) { o.kind = campaign_kind::campaigns; },
        [&](job_options& o) { o.prio = priority::urgent; },
        [&](job_options& o) { o.prio = priority::normal; },
        [&](job_options& o) { o.dry_run = false; },
        [&](job_options& o) { o.hold = true; },
        [&](job_options& o) { o.hold_after = 0; },
        [&](job_options& o) { o.max_deletes = all.max_deletes; },
        [&](job_options& o) { o.count = 1; },
        [&](job_options& o) { o.not_before = all.not_before; },
        [&](job_options& o) { o.deadline = all.deadline; },
        [&](job_options& o) { o.label = all.label; },
        [&](job_options& o) { o.label = "true"; },
        [&](job_options& o) { o.account = "007"; },
        [&](job_options& o) { o.retry_of = all.retry_of; },
    };
    const token_rule rule = automatic_rule();
    for (const auto& copy : copies) {
        job_options options;
        copy(options);
        const std::string matter = render_front_matter(options);
        const std::string members = render_options_object(options);
        const auto text = read_file(job_format::text, matter + a + "\n", &rule);
        const auto csv = read_file(job_format::csv, matter + "token\n" + a + "\n", &rule);
        const auto jsonl =
            read_file(job_format::jsonl, "{\"job\":" + members + "}\n\"" + a + "\"\n", &rule);
        std::string body = members.substr(0, members.size() - 1);
        body += body.size() > 1 ? "," : "";
        const auto json = read_file(job_format::json, body + "\"tokens\":[\"" + a + "\"]}", &rule);
        for (const reading& r : {text, csv, jsonl, json}) {
            EXPECT_EQ(r.failure, "") << matter;
            EXPECT_EQ(r.options, options) << matter << members;
            EXPECT_EQ(r.tokens(), std::vector<std::string>{a});
        }
    }
    EXPECT_EQ(render_front_matter(job_options{}), "");
    EXPECT_EQ(render_options_object(job_options{}), "{}");
}

TEST(JobOptions, UnknownOptionRejectsInEveryFormatAndTheNearestIsNamed)
{
    const reading r = front("count: 1\nmax_delete: 5\n");
    EXPECT_EQ(r.failure, "line 3: there is no option \"max_delete\": is it \"max_deletes\"?");
    EXPECT_EQ(r.failure_line, 3u);
    EXPECT_TRUE(r.items.empty());
    EXPECT_TRUE(contains(object("\"dryrun\":true").failure, "\"dry_run\""));
    EXPECT_TRUE(contains(first_line("\"dead_line\":\"x\"").failure, "\"deadline\""));
    EXPECT_TRUE(contains(front("tokens: [x]\n").failure, "no such option"));
    EXPECT_TRUE(contains(first_line("\"tokens\":[]").failure, "no such option"));
    EXPECT_TRUE(contains(front("Count: 1\n").failure, "count"));
}

TEST(JobOptions, NameThatIsLikeNoOptionIsNotRepeated)
{
    const reading r = front("0123456789ABCDEF0123456789ABCD: x\n");
    EXPECT_TRUE(contains(r.failure, "no such option"));
    EXPECT_FALSE(contains(r.failure, "0123456789ABCDEF"));
}

TEST(JobOptions, OptionSaidTwiceRejects)
{
    EXPECT_TRUE(contains(
        front("count: 1\ncount: 1\n").failure, "line 3: the option \"count\" is said twice"
    ));
    EXPECT_TRUE(contains(object("\"hold\":true,\"hold\":false").failure, "twice"));
    EXPECT_TRUE(contains(first_line("\"hold\":true,\"hold\":true").failure, "twice"));
}

TEST(JobOptions, WrongTypesRejectInFrontMatter)
{
    for (const std::string line :
         {"dry_run: yes",
          "dry_run: True",
          "dry_run: 1",
          "dry_run: \"true\"",
          "dry_run:",
          "dry_run: ~",
          "hold: [true]",
          "hold: {}",
          "count: -1",
          "count: 1.0",
          "count: 1e3",
          "count: 0x10",
          "count: 010",
          "count: \"1\"",
          "count: 1_000",
          "count: 18446744073709551616",
          "count: ten",
          "count:",
          "max_deletes: +1",
          "hold_after: null",
          "priority: high",
          "priority: 1",
          "priority: [bulk]",
          "retry_of: ~",
          "label: \"a\\x7F\"",
          "kind: push",
          "kind: cep-campaigns",
          "deadline: tomorrow",
          "deadline: 2026-11-22",
          "deadline: 2026-11-22T20:30:00",
          "not_before: 20:30Z",
          "label: ''",
          "label:",
          "label: [x]",
          "label: \"a\\nb\"",
          "account: ''",
          "account: {a: b}",
          "retry_of: x",
          "retry_of: ../etc"}) {
        const reading r = front(line + "\n");
        EXPECT_TRUE(contains(
            r.failure, "line 2: the option \"" + line.substr(0, line.find(':')) + "\" must be"
        )) << line
           << ": " << r.failure;
        EXPECT_TRUE(r.items.empty());
    }
    EXPECT_TRUE(contains(front("label: " + std::string(201, 'x') + "\n").failure, "200 bytes"));
}

TEST(JobOptions, ATextThatCannotBeShownRejects)
{
    for (const std::string text : {"\\N", "\\_", "\\L", "\xC2\x9B 2J", "\xE2\x80\xAE"})
        EXPECT_TRUE(contains(front("label: \"" + text + "\"\n").failure, "be shown")) << text;
    EXPECT_TRUE(front("label: \"\\xE9\"\n").failure.empty());
}

TEST(JobOptions, WrongTypesRejectInJson)
{
    for (const std::string member : {"\"dry_run\":\"true\"", "\"dry_run\":1",
                                     "\"dry_run\":null",     "\"hold\":[]",
                                     "\"hold\":{}",          "\"count\":-1",
                                     "\"count\":1.0",        "\"count\":1e3",
                                     "\"count\":\"1\"",      "\"count\":18446744073709551616",
                                     "\"count\":true",       "\"priority\":\"high\"",
                                     "\"priority\":1",       "\"kind\":null",
                                     "\"deadline\":1",       "\"deadline\":\"2026-11-22T20:30:00\"",
                                     "\"label\":1",          "\"label\":true",
                                     "\"label\":\"\"",       "\"label\":\"a\\u0000\"",
                                     "\"account\":[\"x\"]",  "\"retry_of\":\"x\""}) {
        EXPECT_TRUE(contains(object(member).failure, "must be"))
            << member << object(member).failure;
        EXPECT_TRUE(contains(first_line(member).failure, "must be")) << member;
    }
    EXPECT_TRUE(
        contains(object("\"label\":\"" + std::string(1 << 20, 'x') + "\"").failure, "200 bytes")
    );
}

TEST(JobOptions, ValueOfAnOptionIsNotRepeated)
{
    EXPECT_FALSE(contains(front("priority: topsecret\n").failure, "topsecret"));
    EXPECT_FALSE(contains(object("\"count\":\"topsecret\"").failure, "topsecret"));
}

TEST(JobOptions, DeadlineMustBeAfterNotBefore)
{
    const std::string late = "2026-11-22T20:30:00Z";
    const std::string early = "2026-11-22T20:29:59Z";
    EXPECT_TRUE(
        contains(front("deadline: " + early + "\nnot_before: " + late + "\n").failure, "deadline")
    );
    EXPECT_TRUE(
        contains(front("deadline: " + late + "\nnot_before: " + late + "\n").failure, "deadline")
    );
    EXPECT_EQ(front("deadline: " + late + "\nnot_before: " + early + "\n").failure, "");
    const std::string members = R"("deadline":")" + early + R"(","not_before":")" + late + '"';
    EXPECT_TRUE(contains(object(members).failure, "deadline"));
    EXPECT_TRUE(contains(first_line(members).failure, "deadline"));
}

TEST(JobOptions, AreCompleteWhenTheFirstItemIsOut)
{
    const token_rule rule = automatic_rule();
    for (const auto& [format, bytes] :
         {std::pair{job_format::text, "---\ncount: 2\n---\n" + a + "\nx"},
          std::pair{job_format::csv, "---\ncount: 2\n---\ntoken\n" + a + "\nx"},
          std::pair{job_format::jsonl, "{\"job\":{\"count\":2}}\n\"" + a + "\"\n"}}) {
        job_reader reader(format, &rule);
        reader.feed(bytes);
        ASSERT_TRUE(reader.next());
        EXPECT_EQ(reader.options().count, 2u);
    }
}

}  // namespace
}  // namespace reaper::test
