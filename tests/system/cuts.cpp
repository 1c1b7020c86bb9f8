// P4: a job file cut at every byte, in every format, renamed in and written in place. What is sent
// is exactly what the rules say; the rules are written down here a second time, on their own.

#include "rig.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace {

using namespace reaper::test;

using token_set = std::multiset<std::string>;

bool is_hex32(const std::string& text)
{
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// What may be sent of a text file: its token lines, if every line is one (max_invalid is 0).
token_set sent_of_text(const std::string& content)
{
    token_set sent;
    std::size_t at = 0;
    while (at < content.size()) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string line = content.substr(at, end - at);
        at = end + 1;
        line = line.substr(0, line.find('#'));
        while (!line.empty() && line.back() == ' ')
            line.pop_back();
        if (line.empty())
            continue;
        if (!is_hex32(line))
            return {};
        sent.insert(line);
    }
    return sent;
}

token_set sent_of_csv(const std::string& content)
{
    // token,name: a header of two columns; a row counts once its token field is whole.
    token_set sent;
    std::size_t at = content.find('\n');
    if (content.substr(0, at) != "token,name" || at == std::string::npos)
        return {};
    ++at;
    while (at < content.size()) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        const std::string row = content.substr(at, end - at);
        at = end + 1;
        const std::string token = row.substr(0, row.find(','));
        if (!is_hex32(token))
            return {};
        sent.insert(token);
    }
    return sent;
}

// Nothing of a cut JSON document is sent.
token_set sent_of_json(const std::string& content, const std::string& whole)
{
    token_set sent;
    std::string trimmed = content;
    while (!trimmed.empty() && trimmed.back() == '\n')
        trimmed.pop_back();
    if (trimmed + "\n" != whole)
        return {};
    const auto parsed = boost::json::parse(content);
    for (const auto& each : parsed.as_array())
        sent.insert(std::string(each.as_string()));
    return sent;
}

// A line that does not parse rejects the file; a last line that is closed is whole.
token_set sent_of_jsonl(const std::string& content)
{
    token_set sent;
    std::size_t at = 0;
    while (at < content.size()) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        const std::string line = content.substr(at, end - at);
        at = end + 1;
        if (line.empty())
            continue;
        boost::system::error_code error;
        const auto parsed = boost::json::parse(line, error);
        if (error)
            return {};
        sent.insert(std::string(parsed.as_object().at("token").as_string()));
    }
    return sent;
}

// Cut `cut` of the file of a family of tokens; every cut has a family of its own, so that the
// ledger tells which job sent what.
std::string whole_file(const std::string& extension, std::uint64_t family)
{
    const std::string a = token_of(1, family);
    const std::string b = token_of(2, family);
    const std::string c = token_of(3, family);
    if (extension == "txt")
        return a + "\n" + b + " # two\n\n" + c + "\n";
    if (extension == "csv")
        return "token,name\n" + a + ",one\n" + b + ",two\n" + c + ",three\n";
    if (extension == "json")
        return "[\"" + a + "\",\"" + b + "\",\n\"" + c + "\"]\n";
    return "{\"token\":\"" + a + "\"}\n{\"token\":\"" + b + "\"}\n{\"token\":\"" + c + "\"}\n";
}

token_set expected_of(
    const std::string& extension, const std::string& content, const std::string& whole
)
{
    if (extension == "txt")
        return sent_of_text(content);
    if (extension == "csv")
        return sent_of_csv(content);
    if (extension == "json")
        return sent_of_json(content, whole);
    return sent_of_jsonl(content);
}

token_set sent_in_ledger(const std::string& path)
{
    token_set sent;
    std::ifstream ledger(path);
    for (std::string line; std::getline(ledger, line);) {
        const auto entry = boost::json::parse(line).as_object();
        sent.insert(std::string(entry.at("token").as_string()));
    }
    return sent;
}

class Cuts : public testing::TestWithParam<std::tuple<std::string, bool>>
{
};

TEST_P(Cuts, SendExactlyWhatTheRulesSay)
{
    const auto& [extension, renamed] = GetParam();
    rig r;
    r.start_sandbox();
    r.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
    r.start_daemon();
    const std::string incoming = r.spool() + "/incoming";
    ASSERT_TRUE(wait_until(
        [&] { return std::filesystem::exists(r.spool() + "/state/status.json"); },
        std::chrono::seconds(20)
    ));

    token_set expected;
    const std::size_t length = whole_file(extension, 0).size();
    std::size_t files = 0;
    for (std::size_t cut = 0; cut <= length; ++cut) {
        const std::string whole = whole_file(extension, cut + 1);
        const std::string content = whole.substr(0, cut);
        expected.merge(expected_of(extension, content, whole));
        const std::string name = "cut" + std::to_string(cut) + "." + extension;
        if (renamed)
            r.drop(name, content);
        else
            put_content(incoming + "/" + name, content);
        files += content.empty() ? 0U : 1U;  // an empty file is not yet a job
    }
    const auto all_ended = [&] {
        return r.jobs("done").size() + r.jobs("rejected").size() == files;
    };
    EXPECT_TRUE(wait_until(all_ended, std::chrono::seconds(100)))
        << r.jobs("done").size() << " done, " << r.jobs("rejected").size() << " rejected of "
        << files << "\n"
        << r.log();
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    EXPECT_EQ(sent_in_ledger(r.path("ledger")), expected);
    EXPECT_FALSE(expected.empty());
    r.expect_audit_ok();
}

INSTANTIATE_TEST_SUITE_P(
    EveryFormat,
    Cuts,
    testing::Combine(testing::Values("txt", "csv", "json", "jsonl"), testing::Bool()),
    [](const auto& each) {
        return std::get<0>(each.param) + (std::get<1>(each.param) ? "RenamedIn" : "WrittenInPlace");
    }
);

TEST(Edited, AJobThatIsEditedAfterItWasTakenChangesNothing)
{
    rig r;
    r.start_sandbox({"--latency", "5ms"});
    r.configure("    pace: 200/s\n");
    std::filesystem::create_directories(r.spool() + "/incoming");
    const std::string dropped = r.spool() + "/incoming/edited.txt";
    put_content(r.path("edited"), token_lines(400));
    // Whoever dropped it keeps it open.
    std::fstream writer(r.path("edited"), std::ios::in | std::ios::out | std::ios::binary);
    r.start_daemon();
    ASSERT_TRUE(wait_until(
        [&] { return std::filesystem::exists(r.spool() + "/state/status.json"); },
        std::chrono::seconds(20)
    ));
    std::filesystem::rename(r.path("edited"), dropped);
    ASSERT_FALSE(r.wait_in("active", "edited").empty());
    for (std::uint64_t i = 0; i < 400; ++i)
        writer << token_of(i, 99) << "\n";
    writer.flush();
    const std::string job = r.wait_done("edited");
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 400U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    const token_set sent = sent_in_ledger(r.path("ledger"));
    token_set expected;
    for (std::uint64_t i = 0; i < 400; ++i)
        expected.insert(token_of(i));
    EXPECT_EQ(sent, expected);
    r.expect_audit_ok();
}

}  // namespace
