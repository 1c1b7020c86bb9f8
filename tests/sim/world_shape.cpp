#include "world_shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {
namespace {

// How much goes wrong.
enum class mood : std::uint8_t
{
    quiet,   // nothing; the limit and the network's ways remain
    single,  // one mishap, or one spell
    mixed,   // several, mostly rare
    wild,    // many, of any size
};

class shaper
{
public:
    explicit shaper(random_source& random)
        : random_(random), mood_(static_cast<mood>(random.below(4)))
    {
    }

    world_shape draw()
    {
        shape_.think = random_.upto(random_.one_in(4) ? 400ms : 40ms);
        shape_.calm_after = random_.between(20s, random_.one_in(4) ? 30min : 4min);
        draw_limit();
        draw_network();
        draw_manners();
        if (mood_ == mood::single)
            draw_single();
        else if (mood_ != mood::quiet)
            draw_several();
        draw_tokens();
        return shape_;
    }

private:
    // A rare thing, or one that is everywhere.
    double size()
    {
        static constexpr double sizes[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3};
        return sizes[random_.below(mood_ == mood::mixed ? 4 : std::size(sizes))];
    }

    double maybe(std::uint64_t count) { return random_.one_in(count) ? size() : 0.0; }

    void draw_limit()
    {
        limit_shape& limit = shape_.limit;
        limit.kind = static_cast<limiter_shape>(random_.below(5));
        static constexpr double rates[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000};
        limit.rate_per_s = rates[random_.below(std::size(rates))] * (1.0 + random_.unit());
        static constexpr duration windows[] = {1s, 10s, 60s};
        limit.window = windows[random_.below(std::size(windows))];
        limit.phase = random_.upto(limit.window);
        limit.burst = random_.one_in(2) ? 1s : 10s;
        limit.counts_refused = random_.one_in(6);
        limit.bans = random_.one_in(3);
        limit.says_retry_after = random_.one_in(3) ? random_.unit() : 0.0;
        limit.retry_after_max = random_.one_in(5) ? 60 : 8;
    }

    void draw_network()
    {
        network_shape& network = shape_.network;
        network.latency = random_.between(50us, random_.one_in(5) ? 400ms : 40ms);
        network.jitter = random_.one_in(2) ? random_.upto(network.latency) : duration{};
        network.splits = random_.one_in(2) ? random_.unit() : 0.0;
        network.written_delay = random_.upto(random_.one_in(6) ? 2s : 1ms);
        network.read_lag = random_.one_in(3) ? random_.upto(20ms) : duration{};
        network.read_bytes_max = random_.one_in(6) ? 1 + random_.below(200) : 0;
        if (random_.one_in(4))
            network.requests_max = 1 + static_cast<unsigned>(random_.below(100));
        network.announces_last = random_.one_in(2);
        // Shorter than the way there and back, no request would ever find its connection open.
        if (random_.one_in(4))
            network.idle_max = random_.between(50ms, 20s) + 4 * (network.latency + network.jitter);
        network.served_unheard = random_.one_in(2) ? random_.unit() : 0.0;
        network.ends_unclean = random_.one_in(4) ? random_.unit() : 0.0;
        network.ends_rudely = random_.one_in(4) ? random_.unit() : 0.0;
        network.reset_loses_unread = random_.unit();
    }

    // Only the form: allowed in every world.
    void draw_manners()
    {
        for (double& each : shape_.manners.of)
            each = random_.one_in(5) ? random_.unit() * random_.unit() : 0.0;
        shape_.manners[manner::big] *= 0.1;  // they cost the run time, and show no more for it
    }

    void draw_single()
    {
        if (random_.one_in(3)) {
            add_spell();
            return;
        }
        const std::uint64_t which = random_.below(shape_.mishaps.of.size() + 4);
        if (which < shape_.mishaps.of.size())
            shape_.mishaps.of[which] = size();
        else
            *network_mishaps()[which - shape_.mishaps.of.size()] = size();
    }

    void draw_several()
    {
        const std::uint64_t count = mood_ == mood::wild ? 2 : 5;
        double sum = 0;
        for (double& each : shape_.mishaps.of) {
            each = maybe(count);
            sum += each;
        }
        // Something has to come of some requests.
        if (sum > 0.7)
            for (double& each : shape_.mishaps.of)
                each *= 0.7 / sum;
        for (double* each : network_mishaps())
            *each = maybe(count + 1);
        while (shape_.spells.size() < 4 && random_.one_in(3))
            add_spell();
        if (random_.one_in(4)) {
            // A busier one would only cost time.
            shape_.rival.share = std::min(0.1 + random_.unit(), 300 / shape_.limit.rate_per_s);
            shape_.rival.spell = random_.one_in(2) ? random_.between(1s, 2min) : duration{};
            shape_.rival.removes = random_.one_in(3) ? 0.1 * random_.unit() : 0.0;
        }
    }

    std::array<double*, 4> network_mishaps()
    {
        network_shape& network = shape_.network;
        return {
            &network.loses_piece,
            &network.connect_fails,
            &network.connect_hangs,
            &network.ends_at_once};
    }

    void add_spell()
    {
        outage_spell spell{.kind = static_cast<outage>(random_.below(6))};
        spell.from = random_.one_in(3) ? duration{} : random_.upto(shape_.calm_after);
        const duration longest = random_.one_in(3) ? 10min : 40s;
        spell.upto = std::min(spell.from + random_.upto(longest), shape_.calm_after);
        shape_.spells.push_back(spell);
    }

    void draw_tokens()
    {
        if (random_.one_in(3))
            shape_.unknown_tokens = random_.one_in(4) ? 1.0 : random_.unit() * random_.unit();
        shape_.wrong_keys = mood_ != mood::quiet && random_.one_in(10);
    }

    random_source& random_;
    mood mood_;
    world_shape shape_;
};

constexpr const char* limiter_names[] = {
    "no limit", "fixed window", "sliding log", "token bucket", "gcra"};
constexpr const char* mishap_names[] = {
    "server_error",
    "maintenance",
    "timed_out",
    "misuse",
    "malformed",
    "unauthorised",
    "redirected",
    "throttled",
    "truncated",
    "garbage",
    "stalled",
    "slow",
    "reset_before",
    "reset_inside",
    "reset_after",
    "surplus_bytes",
    "said_twice"};
constexpr const char* manner_names[] = {
    "interim",
    "chunked",
    "close_delimited",
    "says_close",
    "doubled_fields",
    "odd_reason",
    "html",
    "tells_key",
    "big",
    "http_1_0"};
constexpr const char* outage_names[] = {
    "maintenance", "failing", "refusing", "black_hole", "wrong_route", "locked_out"};

static_assert(std::size(mishap_names) == static_cast<std::size_t>(mishap::count_));
static_assert(std::size(manner_names) == static_cast<std::size_t>(manner::count_));

std::string describe_network(const network_shape& net)
{
    return fmt::format(
        "network: latency {:.4f}+{:.4f} s, written {:.3f} s, lag {:.3f} s, read max {}, "
        "requests max {}{}, idle max {:.2f} s; odds: lost {:.3f} split {:.2f} connect fails {:.3f} "
        "hangs {:.3f}; ends: at once {:.3f} rude {:.2f} unclean {:.2f} unread lost {:.2f}; served "
        "unheard {:.2f}\n",
        to_seconds(net.latency),
        to_seconds(net.jitter),
        to_seconds(net.written_delay),
        to_seconds(net.read_lag),
        net.read_bytes_max,
        net.requests_max,
        net.announces_last ? " announced" : "",
        to_seconds(net.idle_max),
        net.loses_piece,
        net.splits,
        net.connect_fails,
        net.connect_hangs,
        net.ends_at_once,
        net.ends_rudely,
        net.ends_unclean,
        net.reset_loses_unread,
        net.served_unheard
    );
}

}  // namespace

world_shape random_shape(random_source& random)
{
    return shaper(random).draw();
}

std::string describe(const world_shape& shape)
{
    const limit_shape& limit = shape.limit;
    std::string text = fmt::format(
        "limit: {} {:.2f}/s window {:.0f} s burst {:.0f} s{}{}, Retry-After {:.2f} up to {} s; "
        "think {:.3f} s; unknown tokens {:.2f}{}; calm after {:.1f} s\n",
        limiter_names[static_cast<std::size_t>(limit.kind)],
        limit.rate_per_s,
        to_seconds(limit.window),
        to_seconds(limit.burst),
        limit.bans ? " bans" : "",
        limit.counts_refused ? " counts refused" : "",
        limit.says_retry_after,
        limit.retry_after_max,
        to_seconds(shape.think),
        shape.unknown_tokens,
        shape.wrong_keys ? ", wrong keys" : "",
        to_seconds(shape.calm_after)
    );
    text += describe_network(shape.network);
    if (shape.rival.share > 0)
        text += fmt::format(
            "rival: share {:.2f} spell {:.1f} s removes {:.3f}\n",
            shape.rival.share,
            to_seconds(shape.rival.spell),
            shape.rival.removes
        );
    text += "mishaps:";
    for (std::size_t i = 0; i < shape.mishaps.of.size(); ++i)
        if (shape.mishaps.of[i] > 0)
            text += fmt::format(" {} {:.4f}", mishap_names[i], shape.mishaps.of[i]);
    text += "\nmanners:";
    for (std::size_t i = 0; i < shape.manners.of.size(); ++i)
        if (shape.manners.of[i] > 0)
            text += fmt::format(" {} {:.2f}", manner_names[i], shape.manners.of[i]);
    text += "\nspells:";
    for (const outage_spell& spell : shape.spells)
        text += fmt::format(
            " {} {:.1f}-{:.1f} s",
            outage_names[static_cast<std::size_t>(spell.kind)],
            to_seconds(spell.from),
            to_seconds(spell.upto)
        );
    return text + "\n";
}

}  // namespace reaper::test
