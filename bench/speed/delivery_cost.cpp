#include "delivery_cost.hpp"

#include "reaper/engine/engine.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

namespace reaper::bench {

namespace {

constexpr std::string_view answer_bytes =
    "HTTP/1.1 200 OK\r\nServer: lean\r\nDate: Thu, 26 Nov 2026 09:00:00 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}";
constexpr std::string_view id_field = "X-Request-Id: 9f0d-";
constexpr std::uint64_t id_first = 10'000;
constexpr std::uint64_t ids = 4096;
constexpr duration round_trip = std::chrono::milliseconds(1);
constexpr duration step = std::chrono::microseconds(500);

// So many answers, all of one size.
std::string answers_text(std::uint64_t count, heads say)
{
    std::string text;
    for (std::uint64_t n = 0; n < count; ++n) {
        std::string field;
        if (say == heads::ids)
            field = std::string(id_field) + std::to_string(id_first + n) + "\r\n";
        else if (say == heads::forms)
            field = n % 2 == 0 ? "X-Cache: hit\r\n" : "X-Store: hit\r\n";
        std::string one(answer_bytes);
        text += one.insert(one.find("Content-Type"), field);
    }
    return text;
}

// Everything succeeds at once, and answers come after a round trip.
class easy_world final : public ports
{
public:
    easy_world(std::string input, heads say)
        : input_(std::move(input)), answers_(answers_text(ids, say))
    {
    }

    void open_link(link_id link, const std::string& /*account*/) override
    {
        events_.push_back({now + round_trip, what::connected, link, 0});
    }

    void send(link_id /*link*/, std::string_view token) override
    {
        sent_bytes += token.size();
        ++gathered_;
    }

    void flush(link_id link) override
    {
        events_.push_back({now, what::written, link, 0});
        events_.push_back({now + round_trip, what::answers, link, std::exchange(gathered_, 0)});
    }

    void close_link(link_id /*link*/) override {}

    result<std::size_t> read_input(
        const std::string& /*job*/, std::uint64_t offset, std::span<char> into
    ) override
    {
        return input_.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
    }

    result<void> reserve(const std::string& /*job*/, std::uint64_t /*upto*/) override { return {}; }

    result<void> write_results(
        const std::string& /*job*/, std::uint64_t /*offset*/, std::string_view bytes
    ) override
    {
        written_bytes += bytes.size();
        return {};
    }

    void sync_results(const std::string& /*job*/) override
    {
        events_.push_back({now, what::synced, 0, 0});
    }

    void write_mark(const std::string& /*job*/, const send_mark& /*mark*/) override
    {
        events_.push_back({now, what::marked, 0, 0});
    }

    result<void> store_state(const std::string& /*job*/, const job_state& /*state*/) override
    {
        return {};
    }

    result<void> note_first_send(const std::string& /*job*/) override { return {}; }

    void finish(const std::string& /*job*/, const job_summary& summary) override
    {
        deleted = summary.outcomes[outcome::deleted];
        finished = true;
    }

    result<void> claim_limit(const std::string& /*limit*/) override { return {}; }

    std::optional<limit_state> load_limit(const std::string& /*limit*/) override
    {
        return std::nullopt;
    }

    result<void> store_limit(const limit_state& /*state*/) override { return {}; }

    void note_limit(const limit_state& /*state*/) override {}

    void yield_limit(const std::string& /*limit*/) override {}

    result<void> store_proof(const std::string& /*account*/) override { return {}; }

    std::string presentable(std::string_view text) override { return std::string(text); }

    void report(const notice& said) override { std::cerr << said.text << '\n'; }

    // Both clocks say the same.
    [[nodiscard]] instant clocks() const
    {
        const auto since = std::chrono::duration_cast<wall_time::duration>(now.time_since_epoch());
        return {now, wall_time(since)};
    }

    // The instant of the next event, and then what is due.
    [[nodiscard]] mono_time next() const
    {
        const auto first = std::ranges::min_element(events_, {}, &event::at);
        return first == events_.end() ? mono_never : first->at;
    }

    void deliver(engine& to, const std::string& job)
    {
        const instant at = clocks();
        const std::vector<event> all = std::exchange(events_, {});
        for (const event& each : all) {
            if (each.at > now) {
                events_.push_back(each);
                continue;
            }
            switch (each.is) {
                case what::connected:
                    to.connected(each.link, at);
                    break;
                case what::written:
                    static_cast<void>(to.written(each.link));
                    break;
                case what::answers:
                    to.received(each.link, answers(each.count), at);
                    break;
                case what::synced:
                    to.results_synced(job, {}, at);
                    break;
                case what::marked:
                    to.mark_written(job, {}, at);
                    break;
            }
        }
    }

    mono_time now{std::chrono::hours(1)};
    std::uint64_t sent_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t deleted = 0;
    bool finished = false;

private:
    enum class what
    {
        connected,
        written,
        answers,
        synced,
        marked,
    };

    struct event
    {
        mono_time at;
        what is;
        link_id link;
        std::size_t count;
    };

    // They go on where the last ones ended.
    std::string_view answers(std::size_t count)
    {
        const std::size_t one = answers_.size() / ids;
        if (answered_ + count > ids)
            answered_ = 0;
        const std::size_t from = std::exchange(answered_, answered_ + count);
        return std::string_view(answers_).substr(from * one, count * one);
    }

    std::string input_;
    std::string answers_;
    std::size_t answered_ = 0;  // of answers_
    std::vector<event> events_;
    std::size_t gathered_ = 0;
};

}  // namespace

bool deliver(std::uint64_t tokens, std::string input, heads say)
{
    recovered_job made;
    made.manifest.id = "20261126T090000Z-cost.txt-0000";
    made.manifest.account = "prod";
    made.manifest.size = input.size();
    made.manifest.total = tokens;
    easy_world world(std::move(input), say);
    account_setup account;
    account.settings.name = "prod";
    account.limit = "key-prod";
    account.route_proven = true;

    engine daemon(world, "boot", 1);
    daemon.configure({}, {account}, world.clocks());
    const std::string id = made.manifest.id;
    daemon.add_job(std::move(made), world.clocks());
    while (!world.finished) {
        const mono_time wake = daemon.advance(world.clocks());
        // In steps, as a loop that has more to do than to wait: a turn sends what fits.
        world.now = std::max(world.now + step, std::min(wake, world.next()));
        world.deliver(daemon, id);
    }
    return world.deleted == tokens && world.sent_bytes == tokens * 32 && world.written_bytes > 0;
}

}  // namespace reaper::bench
