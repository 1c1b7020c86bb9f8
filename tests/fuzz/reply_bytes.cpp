// Any bytes from a server, with some requests unanswered: what the parser and the pipeline make of
// them must not depend on the pieces, nor on what came before, and no answer may go where it does
// not belong (SPEC P2, 6).

#include "feed_plan.hpp"
#include "reaper/core/pipeline.hpp"
#include "reaper/core/reply_parser.hpp"

#include <string>

namespace reaper::fuzz {
namespace {

const wall_time now = *parse_rfc3339("2026-11-22T20:30:15Z");

struct result_of_stream
{
    std::vector<answer> answers;
    std::vector<std::string> bodies;
    // The stream cannot be read, or holds bytes or an answer that nobody waits for. Which of them
    // is seen first depends on the pieces; the connection is closed for either.
    bool broken = false;
    bool closes = false;  // the last answer says so
    std::size_t lost = 0;

    friend bool operator==(const result_of_stream&, const result_of_stream&) = default;
};

// A connection as io/https_connection and engine/engine_links treat it.
class connection
{
public:
    connection(const reply_limits& limits, unsigned owed) : limits_(limits), parser_(limits)
    {
        for (unsigned request = 0; request < owed; ++request)
            pipeline_.push(request, mono_time{});
    }

    result_of_stream run(const std::vector<std::string_view>& pieces)
    {
        for (const std::string_view piece : pieces) {
            parser_.feed(piece);
            if (!drain())
                break;
        }
        // What cannot be a header is refused at once or, if it came in pieces, when it ends.
        if (!stopped()) {
            parser_.finish();
            (void)drain();
            must(stopped() || parser_.idle(), "behind the end nothing is left over");
        }
        for (const auto& unanswered : pipeline_.lost()) {
            must(unanswered.request == found_.answers.size() + found_.lost, "oldest first");
            ++found_.lost;
        }
        must(pipeline_.empty(), "a lost connection is emptied once");
        return std::move(found_);
    }

private:
    [[nodiscard]] bool stopped() const { return found_.broken || found_.closes; }

    // False if the connection is to be closed.
    bool drain()
    {
        while (!stopped()) {
            const answer* got = parser_.next(now);
            if (!got)
                break;
            must(parser_.body().size() <= limits_.body_kept_max, "what is kept is bounded");
            // One below 100 is none, which is the verdict's to say.
            must(got->status <= 999 && got->status / 100 != 1, "an answer has a final status");
            if (pipeline_.empty()) {
                found_.broken = true;
                break;
            }
            const unsigned request = pipeline_.answered(mono_time{}).request;
            must(request == found_.answers.size(), "answers belong to requests in their order");
            found_.answers.push_back(*got);
            found_.bodies.emplace_back(parser_.body());
            found_.closes = got->close;
        }
        if (!found_.closes && (parser_.failure() || (pipeline_.empty() && !parser_.idle())))
            found_.broken = true;
        return !stopped();
    }

    reply_limits limits_;
    reply_parser parser_;
    pipeline<unsigned> pipeline_;
    result_of_stream found_;
};

// A parser knows heads that are like one that it has read. One that has seen nothing has
// Boost.Beast read all: fed byte by byte, so that it shows where an answer ends, and none of them
// twice.
void check_against_beast(std::string_view bytes)
{
    reply_parser knowing;
    std::size_t from = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        knowing.feed(bytes.substr(at, 1));
        const answer* got = knowing.next(now);
        if (got == nullptr) {
            if (knowing.failure())
                break;
            continue;
        }
        reply_parser fresh;
        fresh.feed(bytes.substr(from, at + 1 - from));
        const answer* expected = fresh.next(now);
        must(expected != nullptr, "Beast reads an answer, too");
        must(*got == *expected && knowing.body() == fresh.body(), "Beast reads the same");
        must(fresh.next(now) == nullptr && fresh.idle(), "and sees its end there");
        must(knowing.next(now) == nullptr && knowing.idle(), "no answer comes early");
        if (got->close)
            return;
        from = at + 1;
    }
    // What is not taken for an answer is none for Beast.
    reply_parser fresh;
    fresh.feed(bytes.substr(from));
    must(fresh.next(now) == nullptr, "Beast reads no answer in the rest");
    must(!fresh.failure() || knowing.failure() || !knowing.idle(), "nor lets go of what is wrong");
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    const unsigned owed = plan.variant() % 8;
    const bool tight = (plan.variant() & 8) != 0;
    const reaper::reply_limits limits =
        tight ? reaper::reply_limits{64, 24, 8, 1} : reaper::reply_limits{};
    const auto whole = connection(limits, owed).run({plan.text()});
    const auto in_pieces = connection(limits, owed).run(plan.pieces(plan.text()));
    must(whole.answers.size() + whole.lost == owed, "every request is answered or lost");
    // How long a header may be is counted without its separators if it comes whole.
    must(tight || whole == in_pieces, "pieces make no difference");
    check_against_beast(plan.text());
    return 0;
}
