// The parts of the sandbox that need no socket: options, tokens, campaigns, request parser, outbox.

#include "sandbox/campaigns.hpp"
#include "sandbox/fault_source.hpp"
#include "sandbox/options.hpp"
#include "sandbox/outbox.hpp"
#include "sandbox/request_parser.hpp"
#include "sandbox/token_index.hpp"
#include "sandbox/tokens.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace sandbox;

namespace {

const mono_time t0 = mono_time(1000s);

std::unique_ptr<campaign_store> store_of(const campaign_options& options, std::uint64_t seed = 1)
{
    auto made = make_campaign_store(options, seed);
    EXPECT_TRUE(made.has_value());
    return std::move(made.value());
}

}  // namespace

TEST(SandboxOptions, FaultIsAKnownKindWithAProbability)
{
    const auto rule = parse_fault_rule("reset-after:0.25");
    ASSERT_TRUE(rule.has_value());
    EXPECT_EQ(rule->kind, fault_kind::reset_after);
    EXPECT_EQ(rule->probability, 0.25);

    for (const auto* text :
         {"reset",
          "reset:",
          "reset:x",
          "reset:1.1",
          "reset:-0.1",
          "reset:nan",
          "surprise:0.1",
          ":0.1"})
        EXPECT_FALSE(parse_fault_rule(text).has_value()) << text;
}

TEST(SandboxOptions, EveryFaultHasANameThatParsesBack)
{
    for (int i = 0; i <= static_cast<int>(fault_kind::echo); ++i) {
        const auto kind = static_cast<fault_kind>(i);
        const auto rule = parse_fault_rule(std::string(to_string(kind)) + ":1");
        ASSERT_TRUE(rule.has_value()) << i;
        EXPECT_EQ(rule->kind, kind);
    }
}

TEST(SandboxOptions, ProbabilitiesSumToOneAtMost)
{
    server_options options;
    options.faults.rules = {{fault_kind::reset, 0.6}, {fault_kind::stall, 0.4}};
    EXPECT_TRUE(validate(options).has_value());
    options.faults.rules.push_back({fault_kind::slow, 0.1});
    EXPECT_FALSE(validate(options).has_value());
}

TEST(SandboxOptions, CampaignsAreAnyANumberOrAFile)
{
    EXPECT_EQ(parse_campaigns("any").from, campaign_options::source::any);
    EXPECT_EQ(parse_campaigns("17").from, campaign_options::source::generated);
    EXPECT_EQ(parse_campaigns("17").count, 17U);
    EXPECT_EQ(parse_campaigns("17.txt").from, campaign_options::source::file);
}

TEST(SandboxFaultSource, SameSeedSameFaults)
{
    fault_options options;
    options.rules = {{fault_kind::reset, 0.3}, {fault_kind::error_500, 0.3}};
    fault_source a(options, 7);
    fault_source b(options, 7);
    int struck = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto kind = a.draw();
        ASSERT_EQ(kind, b.draw());
        struck += kind ? 1 : 0;
    }
    EXPECT_NEAR(struck, 6000, 200);
}

TEST(SandboxFaultSource, SparesTheFirstAndStopsAfterTheCount)
{
    fault_options options;
    options.rules = {{fault_kind::reset, 1.0}};
    options.after = 2;
    options.count = 3;
    fault_source source(options, 1);
    std::string drawn;
    for (int i = 0; i < 8; ++i)
        drawn += source.draw() ? 'x' : '.';
    EXPECT_EQ(drawn, "..xxx...");
}

TEST(SandboxTokens, ParsesOnlyLowerCaseHexadecimalOfFullLength)
{
    const std::string text = "00112233445566778899aabbccddeeff";
    const auto bits = parse_token(text);
    ASSERT_TRUE(bits);
    EXPECT_EQ(bits->high, 0x0011223344556677U);
    EXPECT_EQ(bits->low, 0x8899aabbccddeeffU);
    EXPECT_EQ(format_token(*bits), text);

    for (const auto* other :
         {"00112233445566778899AABBCCDDEEFF", "0011", "00112233445566778899aabbccddeefg", ""})
        EXPECT_FALSE(parse_token(other)) << other;
}

TEST(SandboxTokens, SequenceTellsTheIndexBack)
{
    const token_sequence sequence(42);
    for (std::uint64_t i : {0UL, 1UL, 2UL, 9'999'999UL, ~0UL})
        EXPECT_EQ(sequence.index_of(sequence.at(i)), i);
    EXPECT_FALSE(token_sequence(43).index_of(sequence.at(1)));
}

TEST(SandboxTokenIndex, NumbersTokensInTheirOrder)
{
    const token_sequence sequence(1);
    token_index index;
    for (std::uint64_t i = 0; i < 5000; ++i)
        ASSERT_EQ(index.intern(format_token(sequence.at(i))), i);
    EXPECT_EQ(index.intern("orchestration_x"), 5000U);
    EXPECT_EQ(index.intern("ORCHESTRATION_X"), 5001U);
    EXPECT_EQ(index.intern(format_token(sequence.at(17))), 17U);
    EXPECT_EQ(index.intern(std::string(32, '0')), 5002U);

    EXPECT_EQ(index.text(17), format_token(sequence.at(17)));
    EXPECT_EQ(index.text(5001), "ORCHESTRATION_X");
    EXPECT_FALSE(index.find(format_token(sequence.at(5000))));
}

TEST(SandboxCampaigns, AnyWellFormedTokenExistsOnce)
{
    const auto store = store_of({});
    const std::string lower(32, 'a');
    const std::string upper(32, 'A');
    EXPECT_TRUE(store->find(lower));
    EXPECT_TRUE(store->erase(lower));
    EXPECT_FALSE(store->erase(lower));
    EXPECT_FALSE(store->find(lower));
    EXPECT_TRUE(store->erase(upper));
    EXPECT_FALSE(store->erase("short"));
}

TEST(SandboxCampaigns, GeneratedOnesAreTheFirstOfTheSequence)
{
    const auto store = store_of({campaign_options::source::generated, 10, {}}, 5);
    const token_sequence sequence(5);
    EXPECT_EQ(store->positions(), 10U);
    EXPECT_TRUE(store->erase(format_token(sequence.at(9))));
    EXPECT_FALSE(store->at(9));
    EXPECT_FALSE(store->erase(format_token(sequence.at(10))));
    EXPECT_FALSE(store->erase(std::string(32, 'a')));
}

TEST(SandboxCampaigns, FileListsTokensAndComments)
{
    const reaper::test::temp_dir dir;
    reaper::test::put_content(
        dir / "c.txt",
        "# mine\nfirst-one # the first\r\n\n" + std::string(32, 'b') + "\nfirst-one\n"
    );
    const auto store = store_of({campaign_options::source::file, 0, dir / "c.txt"});
    EXPECT_EQ(store->positions(), 2U);
    EXPECT_EQ(store->at(0)->token, "first-one");
    EXPECT_TRUE(store->erase("first-one"));
    EXPECT_FALSE(store->erase("first-one"));

    reaper::test::put_content(dir / "bad.txt", "good\nnot a token\n");
    const auto bad = make_campaign_store({campaign_options::source::file, 0, dir / "bad.txt"}, 1);
    ASSERT_FALSE(bad.has_value());
    EXPECT_NE(bad.error().sentence.find("line 2"), std::string::npos);
}

TEST(SandboxRequestParser, ReadsARequestCutAnywhere)
{
    const std::string text =
        "POST /1.1/K/campaigns/delete/T HTTP/1.1\r\nHost: x\r\nx-authorization:  secret \r\n"
        "CONTENT-LENGTH: 2\r\n\r\n{}";
    const std::string with_next = text + "POST";
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        request_parser parser;
        request out;
        ASSERT_EQ(parser.parse(text.substr(0, cut), out), parse_state::partial) << cut;
        ASSERT_EQ(parser.parse(with_next, out), parse_state::complete) << cut;
        EXPECT_EQ(out.method, "POST");
        EXPECT_EQ(out.target, "/1.1/K/campaigns/delete/T");
        EXPECT_EQ(out.rest_key, "secret");
        EXPECT_EQ(out.bytes, text.size());
        EXPECT_TRUE(out.keep_alive);
    }
}

TEST(SandboxRequestParser, RemembersTheHeadersOnlyWhereTheyAreTheSame)
{
    request_parser parser;
    request out;
    const std::string first = "POST /a HTTP/1.1\r\nX-Authorization: one\r\n\r\n";
    const std::string second = "POST /b HTTP/1.1\r\nX-Authorization: two\r\n\r\n";
    EXPECT_EQ(parser.parse(first, out), parse_state::complete);
    EXPECT_EQ(parser.parse(first, out), parse_state::complete);
    EXPECT_EQ(out.rest_key, "one");
    EXPECT_EQ(parser.parse(second, out), parse_state::complete);
    EXPECT_EQ(out.rest_key, "two");
    EXPECT_EQ(parser.parse("GET /c HTTP/1.1\r\n\r\n", out), parse_state::complete);
    EXPECT_EQ(out.rest_key, "");
}

TEST(SandboxRequestParser, TellsWhetherTheConnectionStays)
{
    request_parser parser;
    request out;
    ASSERT_EQ(
        parser.parse("GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n", out), parse_state::complete
    );
    EXPECT_FALSE(out.keep_alive);
    ASSERT_EQ(parser.parse("GET / HTTP/1.0\r\n\r\n", out), parse_state::complete);
    EXPECT_FALSE(out.keep_alive);
    ASSERT_EQ(
        parser.parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", out), parse_state::complete
    );
    EXPECT_TRUE(out.keep_alive);
}

TEST(SandboxRequestParser, RefusesWhatItCannotRead)
{
    const auto state_of = [](const std::string& text) {
        request_parser parser;
        request out;
        return parser.parse(text, out);
    };
    EXPECT_EQ(state_of("hello\r\n\r\n"), parse_state::malformed);
    EXPECT_EQ(state_of("GET x HTTP/1.1\r\n\r\n"), parse_state::malformed);
    EXPECT_EQ(state_of("GET / HTTP/2.0\r\n\r\n"), parse_state::malformed);
    EXPECT_EQ(state_of("GET / HTTP/1.1\r\nno colon\r\n\r\n"), parse_state::malformed);
    EXPECT_EQ(state_of("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), parse_state::malformed);
    EXPECT_EQ(
        state_of("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        parse_state::length_required
    );
    EXPECT_EQ(
        state_of("GET / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"), parse_state::body_too_large
    );
    EXPECT_EQ(
        state_of("GET / HTTP/1.1\r\nA: " + std::string(20'000, 'a')), parse_state::head_too_large
    );
    EXPECT_EQ(state_of("GET /" + std::string(20'000, 'a')), parse_state::head_too_large);
}

TEST(SandboxOutbox, KeepsTheOrderAndTheLatency)
{
    outbox box;
    box.bytes() += "one";
    box.add(ledger_entry{.request = 1}, aftermath::serve, false, t0 + 40ms);
    box.bytes() += "two";
    box.add(
        ledger_entry{.request = 2}, aftermath::serve, false, t0 + 10ms
    );  // not before the first

    EXPECT_EQ(box.writable(t0 + 39ms), "");
    EXPECT_EQ(box.next_due(), t0 + 40ms);
    EXPECT_EQ(box.writable(t0 + 40ms), "onetwo");
    box.wrote(4, t0 + 41ms);

    const auto first = box.take_settled(t0 + 41ms);
    ASSERT_TRUE(first && first->entry);
    EXPECT_EQ(first->entry->request, 1U);
    EXPECT_EQ(first->entry->answered, t0 + 41ms);
    EXPECT_FALSE(box.take_settled(t0 + 41ms));
    EXPECT_EQ(box.writable(t0 + 42ms), "wo");
    box.wrote(2, t0 + 42ms);
    EXPECT_EQ(box.take_settled(t0 + 42ms)->entry->answered, t0 + 42ms);
    EXPECT_TRUE(box.is_empty());
}

TEST(SandboxOutbox, ResetWaitsForTheAnswersAheadOfIt)
{
    outbox box;
    box.bytes() += "one";
    box.add(std::nullopt, aftermath::serve, false, t0);
    box.add(std::nullopt, aftermath::reset, false, t0);

    EXPECT_FALSE(box.take_settled(t0));
    EXPECT_EQ(box.writable(t0), "one");
    box.wrote(3, t0);
    EXPECT_EQ(box.take_settled(t0)->then, aftermath::serve);
    EXPECT_EQ(box.take_settled(t0)->then, aftermath::reset);
}

TEST(SandboxOutbox, SlowAnswerGoesOutByteByByte)
{
    outbox box;
    box.bytes() += "abc";
    box.add(ledger_entry{.request = 1}, aftermath::serve, true, t0);

    EXPECT_EQ(box.writable(t0 + 1h), "a");
    box.wrote(1, t0);
    EXPECT_FALSE(box.take_settled(t0)->entry);
    EXPECT_EQ(box.writable(t0), "");
    EXPECT_EQ(box.next_due(), t0 + 2ms);
    EXPECT_EQ(box.writable(t0 + 2ms), "b");
    box.wrote(1, t0 + 2ms);
    EXPECT_TRUE(box.take_settled(t0 + 2ms));
    EXPECT_EQ(box.writable(t0 + 4ms), "c");
    box.wrote(1, t0 + 4ms);
    EXPECT_TRUE(box.take_settled(t0 + 4ms)->entry);
}

TEST(SandboxOutbox, AbandonedAnswersWereNeverGiven)
{
    outbox box;
    box.bytes() += "one";
    box.add(ledger_entry{.request = 1}, aftermath::serve, false, t0 + 1s);
    const auto entries = box.abandon();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_FALSE(entries[0].was_answered());
    EXPECT_TRUE(box.is_empty());
}
