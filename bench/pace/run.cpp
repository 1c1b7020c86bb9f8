#include "run.hpp"

#include "reaper/core/gate.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>

namespace reaper::bench {

namespace {

// A loop wakes a little late: to the next whole millisecond.
constexpr std::int64_t wake_grid_ns = 1'000'000;
constexpr duration tick_every = std::chrono::seconds(1);
constexpr std::uint64_t endless = std::numeric_limits<std::uint64_t>::max() / 2;

double seconds_of(mono_time t)
{
    return to_seconds(t.time_since_epoch());
}

mono_time instant_of(double s)
{
    return mono_time(std::chrono::duration_cast<duration>(std::chrono::duration<double>(s)));
}

struct flight
{
    mono_time sent_at{};
    mono_time answer_at{};
    bool let_through = false;
    bool canary = false;
};

// What all instances share.
struct stage
{
    const run_shape& shape;
    limit_model limit;
    chance dice;
    std::vector<std::uint64_t> per_second;  // let through, of all
    double newest_arrival = 0;
};

// One instance, as the engine has it for one limit.
class client
{
public:
    client(stage& on, std::unique_ptr<pacer> pace, mono_time start, std::uint64_t work)
        : on_(on), pace_(std::move(pace)), start_(start), left_(work), wake_(start), tick_at_(start)
    {
    }

    [[nodiscard]] mono_time next_event() const
    {
        return fifo_.empty() ? wake_ : std::min(wake_, fifo_.front().answer_at);
    }

    void step(mono_time now)
    {
        if (now >= tick_at_) {
            pace_->backlog(left_ + fifo_.size());
            tick_at_ = now + tick_every;
        }
        while (!fifo_.empty() && fifo_.front().answer_at <= now)
            answer(now);
        pump(now);
    }

    [[nodiscard]] bool done() const { return left_ == 0 && fifo_.empty(); }

    [[nodiscard]] const pacer& pace() const { return *pace_; }

    [[nodiscard]] bool is_open() const { return hard_.is_open(); }

    std::uint64_t let_through = 0;
    std::uint64_t let_through_late = 0;  // in the second half of the horizon
    std::uint64_t refused = 0;
    std::uint64_t silences = 0;
    std::uint64_t first_hour = 0;
    std::uint64_t inside = 0;

private:
    void answer(mono_time now)
    {
        const flight f = fifo_.front();
        fifo_.pop_front();
        const bool is_new = f.sent_at >= episode_at_;
        if (!f.let_through) {
            ++refused;
            ++left_;
            const bool began = hard_.shut(now);
            pace_->refused(
                now, {.sent_at = f.sent_at, .begins = began && is_new, .canary = f.canary && is_new}
            );
            quiet_until_ = now + silence_min;
            if (began) {
                episode_at_ = now;
                ++silences;
                if (now - start_ <= std::chrono::hours(1))
                    ++first_hour;
            }
            return;
        }
        ++let_through;
        if (seconds_of(now) > on_.shape.horizon_s / 2)
            ++let_through_late;
        const auto second = static_cast<std::size_t>(seconds_of(now));
        if (on_.per_second.size() <= second)
            on_.per_second.resize(second + 1);
        ++on_.per_second[second];
        pace_->accepted(now, now - f.sent_at, held_back_);
        if (f.canary && is_new) {
            hard_.canary_answered(true);
            pace_->resumed(now);
        }
    }

    void pump(mono_time now)
    {
        wake_ = mono_never;
        hard_.refresh(now);
        while (left_ > 0) {
            if (!hard_.allows(now)) {
                if (hard_.current() == gate::phase::shut)
                    wake_ = hard_.shut_until();
                return;
            }
            const mono_time ready = pace_->ready_at(now);
            if (ready > now) {
                held_back_ = true;
                const std::int64_t ns = ready.time_since_epoch().count() + wake_grid_ns - 1;
                wake_ = mono_time(duration(ns - ns % wake_grid_ns));
                return;
            }
            if (fifo_.size() >= pace_->window()) {
                held_back_ = false;
                return;
            }
            send(now);
        }
        held_back_ = false;
    }

    void send(mono_time now)
    {
        if (now < quiet_until_)
            ++inside;
        flight f{.sent_at = now};
        f.canary = hard_.sent(now);
        pace_->sent(now);
        --left_;
        const double way = on_.shape.round_trip_s / 2;
        const double jitter = on_.shape.jitter_s;
        arrived_ = std::max(arrived_, seconds_of(now) + way + jitter * on_.dice.exponential());
        // Of several instances two may overtake each other by less than the jitter.
        on_.newest_arrival = std::max(on_.newest_arrival, arrived_);
        f.let_through = on_.limit.take(on_.newest_arrival);
        const double back = on_.newest_arrival + way + jitter * on_.dice.exponential();
        answered_ = std::max(answered_, instant_of(back));
        f.answer_at = answered_;
        fifo_.push_back(f);
    }

    stage& on_;
    gate hard_;
    std::unique_ptr<pacer> pace_;
    mono_time start_;
    std::uint64_t left_;
    std::deque<flight> fifo_;
    mono_time wake_;
    mono_time tick_at_;
    mono_time episode_at_{};
    mono_time quiet_until_{};
    mono_time answered_{};
    double arrived_ = 0;
    bool held_back_ = false;
};

double reached_after(const stage& on, double change_s, double limit_after)
{
    const auto from = static_cast<std::size_t>(change_s);
    double sum = 0;
    for (std::size_t s = from; s < on.per_second.size(); ++s) {
        sum += static_cast<double>(on.per_second[s]);
        if (s >= from + 20)
            sum -= static_cast<double>(on.per_second[s - 20]);
        if (s + 1 >= from + 20 && sum / 20 >= 0.9 * limit_after)
            return static_cast<double>(s) + 1 - change_s;
    }
    return -1;
}

void add_trace(
    run_result& result, const std::vector<client>& clients, double now, std::uint64_t& seen
)
{
    const client& first = clients.front();
    const double since = result.trace.empty() ? 0 : result.trace.back().at_s;
    if (now < since + 1)
        return;
    result.trace.push_back(
        {.at_s = now,
         .pace = first.pace().pace_per_s(),
         .let_through = static_cast<double>(first.let_through - seen) / (now - since),
         .shut = !first.is_open(),
         .others = {}}
    );
    for (std::size_t i = 1; i < clients.size(); ++i)
        result.trace.back().others.push_back(
            clients[i].is_open() ? clients[i].pace().pace_per_s() : 0
        );
    seen = first.let_through;
}

double spread_of(const std::vector<client>& clients, std::uint64_t client::*count)
{
    const auto [least, most] =
        std::minmax_element(clients.begin(), clients.end(), [&](const client& a, const client& b) {
            return a.*count < b.*count;
        });
    return static_cast<double>((*most).*count) /
           std::max(1.0, static_cast<double>((*least).*count));
}

void sum_up(
    run_result& result, const run_shape& shape, const stage& on, const std::vector<client>& clients
)
{
    double sum = 0;
    for (const client& c : clients) {
        sum += static_cast<double>(c.let_through);
        result.silences += c.silences;
        result.refused += c.refused;
        result.inside += c.inside;
        result.first_hour += static_cast<double>(c.first_hour);
    }
    const auto count = static_cast<double>(clients.size());
    result.later_hours = (static_cast<double>(result.silences) - result.first_hour) / count /
                         std::max(1e-9, result.took_s / 3600 - 1);
    if (result.took_s <= 3700)
        result.later_hours = 0;
    result.first_hour /= count;
    result.spread = spread_of(clients, &client::let_through);
    result.spread_late = spread_of(clients, &client::let_through_late);
    const limit_shape& limit = shape.limit;
    if (shape.horizon_s > 0)
        result.efficiency = sum / oracle_count(limit, shape.horizon_s);
    else if (result.ended)
        result.efficiency =
            oracle_seconds(
                limit, static_cast<std::uint64_t>(std::ceil(shape.work_s * limit.rate_per_s))
            ) /
            result.took_s;
    if (limit.moves.change_to != 1)
        result.reached_s =
            reached_after(on, limit.moves.change_at_s, limit.rate_per_s * limit.moves.change_to);
}

// An oracle only asks for what is free: it meets no penalty. At a window's start it takes all of it
// before a competitor can; of a bucket it gets what the competitor leaves.
limit_model seen_through(limit_shape shape)
{
    if (shape.kind == limit_kind::bucket && shape.other.share > 0) {
        shape.moves.lent_share = shape.other.share;
        shape.moves.lent_s = shape.other.period_s;
        shape.other = {};
    }
    if (shape.kind == limit_kind::box)
        shape.kind = limit_kind::window;
    return limit_model(shape);
}

}  // namespace

double oracle_seconds(const limit_shape& shape, std::uint64_t count)
{
    limit_model limit = seen_through(shape);
    double t = 0;
    for (std::uint64_t done = 0; done < count;) {
        if (limit.take(t))
            ++done;
        else
            t = limit.was_spurious() ? t + 5 : limit.next_free(t);
    }
    return t;
}

double oracle_count(const limit_shape& shape, double horizon_s)
{
    limit_model limit = seen_through(shape);
    double count = 0;
    for (double t = 0; t < horizon_s;) {
        if (limit.take(t))
            ++count;
        else
            t = limit.next_free(t);
    }
    return count;
}

run_result run(const run_shape& shape, const pacer_maker& make)
{
    stage on{shape, limit_model(shape.limit), chance(shape.seed + 7), {}, 0};
    const auto work = static_cast<std::uint64_t>(std::ceil(shape.work_s * shape.limit.rate_per_s));
    std::vector<client> clients;
    for (unsigned i = 0; i < shape.instances; ++i) {
        const mono_time start = instant_of(1e-6 + (i == 0 ? 0 : on.dice.unit() * shape.stagger_s));
        pacer_start with{
            .now = start,
            .limit_per_s = shape.limit.rate_per_s,
            .remembered = std::nullopt,
            .remembered_age_s = shape.warm_age_s,
            .seed = shape.seed * 16 + i};
        if (shape.warm)
            with.remembered = *shape.warm * shape.limit.rate_per_s;
        clients.emplace_back(
            on, make(with), start, shape.horizon_s > 0 ? endless : work / shape.instances
        );
    }
    run_result result;
    std::uint64_t seen = 0;
    // Whoever takes forty times as long will not end.
    const double end = shape.horizon_s > 0 ? shape.horizon_s : 40 * shape.work_s + 600;
    while (true) {
        client* first = nullptr;
        mono_time at = mono_never;
        for (client& c : clients)
            if (!c.done() && c.next_event() < at) {
                at = c.next_event();
                first = &c;
            }
        if (first == nullptr)
            break;
        if (seconds_of(at) > end) {
            result.ended = shape.horizon_s > 0;
            break;
        }
        first->step(at);
        result.took_s = seconds_of(at);
        if (shape.traced)
            add_trace(result, clients, result.took_s, seen);
    }
    sum_up(result, shape, on, clients);
    return result;
}

}  // namespace reaper::bench
