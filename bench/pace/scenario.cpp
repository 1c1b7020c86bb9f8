#include "scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace reaper::bench {

namespace {

using words = std::istringstream;

template <class T>
std::vector<T> list(words& in)
{
    std::vector<T> all;
    for (T each; in >> each;)
        all.push_back(each);
    in.clear(std::ios::eofbit);
    return all;
}

void read_limits(scenario& s, words& in)
{
    static const std::map<std::string, limit_kind> kinds = {
        {"window", limit_kind::window},
        {"log", limit_kind::log},
        {"bucket", limit_kind::bucket},
        {"box", limit_kind::box}};
    for (std::string each; in >> each;) {
        const std::size_t colon = each.find(':');
        s.limits.emplace_back(kinds.at(each.substr(0, colon)), std::stod(each.substr(colon + 1)));
    }
    in.clear(std::ios::eofbit);
}

using reader = void (*)(scenario&, words&);

// The words of a scenario file.
const std::map<std::string, reader>& readers()
{
    static const std::map<std::string, reader> all = {
        {"about", [](scenario& s, words& in) { std::getline(in >> std::ws, s.about); }},
        {"limits", read_limits},
        {"rates", [](scenario& s, words& in) { s.rates = list<double>(in); }},
        {"round_trips_ms", [](scenario& s, words& in) { s.round_trips_ms = list<double>(in); }},
        {"seeds", [](scenario& s, words& in) { s.seeds = list<std::uint64_t>(in); }},
        {"work_s", [](scenario& s, words& in) { in >> s.base.work_s; }},
        {"horizon_s", [](scenario& s, words& in) { in >> s.base.horizon_s; }},
        {"jitter_ms",
         [](scenario& s, words& in) {
             in >> s.base.jitter_s;
             s.base.jitter_s /= 1000;
         }},
        {"instances", [](scenario& s, words& in) { in >> s.base.instances; }},
        {"stagger_s", [](scenario& s, words& in) { in >> s.base.stagger_s; }},
        {"warm",
         [](scenario& s, words& in) {
             double share = 1;
             in >> share;
             s.base.warm = share;
         }},
        {"warm_age_s", [](scenario& s, words& in) { in >> s.base.warm_age_s; }},
        {"change",
         [](scenario& s, words& in) {
             in >> s.base.limit.moves.change_at_s >> s.base.limit.moves.change_to;
         }},
        {"day",
         [](scenario& s, words& in) {
             in >> s.base.limit.moves.day_s >> s.base.limit.moves.day_amplitude;
         }},
        {"competitor",
         [](scenario& s, words& in) {
             in >> s.base.limit.other.share >> s.base.limit.other.period_s;
         }},
        {"spurious", [](scenario& s, words& in) { in >> s.base.limit.spurious; }},
        {"reach", [](scenario& s, words& in) { in >> s.reach_median >> s.reach_worst; }},
        {"silences_first_hour", [](scenario& s, words& in) { in >> s.silences_first_hour; }},
        {"silences_later_hours", [](scenario& s, words& in) { in >> s.silences_later_hours; }},
        {"spread", [](scenario& s, words& in) { in >> s.spread; }},
        {"spread_late", [](scenario& s, words& in) { in >> s.spread_late; }},
        {"notices_s", [](scenario& s, words& in) { in >> s.notices_s; }},
    };
    return all;
}

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1)
        return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace

std::vector<scenario> read_scenarios(const std::filesystem::path& file)
{
    std::ifstream in(file);
    if (!in)
        throw std::runtime_error("cannot read " + file.string());
    std::vector<scenario> all;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        line = line.substr(0, line.find('#'));
        words rest(line);
        std::string word;
        if (!(rest >> word))
            continue;
        if (word == "scenario") {
            all.emplace_back();
            rest >> all.back().name;
            all.back().held_back = file.parent_path().filename() == "held-back";
            continue;
        }
        const auto known = readers().find(word);
        if (all.empty() || known == readers().end())
            throw std::runtime_error(fmt::format("{}:{}: {}?", file.string(), number, word));
        known->second(all.back(), rest);
        if (rest.fail() || (rest >> word))
            throw std::runtime_error(fmt::format("{}:{}: bad value", file.string(), number));
    }
    return all;
}

std::vector<run_shape> runs_of(const scenario& from)
{
    std::vector<run_shape> all;
    for (const auto& [kind, seconds] : from.limits)
        for (const double rate : from.rates)
            for (const double rtt : from.round_trips_ms)
                for (const std::uint64_t seed : from.seeds) {
                    run_shape shape = from.base;
                    shape.seed = seed * 1000 + static_cast<std::uint64_t>(rate);
                    shape.round_trip_s = rtt / 1000;
                    shape.limit.kind = kind;
                    shape.limit.seconds = seconds;
                    shape.limit.rate_per_s = rate;
                    shape.limit.seed = shape.seed;
                    // Where in its window the limit is when the job begins.
                    chance dice(shape.seed + static_cast<std::uint64_t>(seconds * 64));
                    shape.limit.phase_s = seconds * (0.02 + 0.96 * dice.unit());
                    all.push_back(shape);
                }
    return all;
}

summary measure(const scenario& what, const rival& with, unsigned threads)
{
    const std::vector<run_shape> runs = runs_of(what);
    std::vector<run_result> results(runs.size());
    std::atomic<std::size_t> next{runs.size()};
    const auto work = [&] {
        // The fastest rates, which are last, take longest: they go first.
        for (std::size_t left = next.load(); left > 0;) {
            if (!next.compare_exchange_weak(left, left - 1))
                continue;
            results[left - 1] = run(runs[left - 1], with.make);
            left = next.load();
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i)
        others.emplace_back(work);
    work();
    others.clear();

    const auto each = [&](auto field) {
        std::vector<double> values;
        for (const run_result& r : results)
            values.push_back(field(r));
        return values;
    };
    summary sum;
    sum.runs = runs.size();
    const std::vector<double> reached = each([](const run_result& r) { return r.efficiency; });
    sum.median = median(reached);
    sum.worst = *std::min_element(reached.begin(), reached.end());
    sum.silences_first_hour = median(each([](const run_result& r) { return r.first_hour; }));
    sum.silences_later_hours = median(each([](const run_result& r) { return r.later_hours; }));
    sum.silences_per_hour = median(each([](const run_result& r) {
        return static_cast<double>(r.silences) * 3600 / std::max(1.0, r.took_s);
    }));
    const std::vector<double> spreads = each([](const run_result& r) { return r.spread; });
    sum.spread = median(spreads);
    sum.spread_worst = *std::max_element(spreads.begin(), spreads.end());
    const std::vector<double> late = each([](const run_result& r) { return r.spread_late; });
    sum.spread_late = median(late);
    sum.spread_late_worst = *std::max_element(late.begin(), late.end());
    sum.notices_s =
        median(each([](const run_result& r) { return r.reached_s < 0 ? 1e9 : r.reached_s; }));
    for (const run_result& r : results)
        sum.inside += r.inside;
    return sum;
}

std::string shortfall(const scenario& wanted, const summary& got)
{
    std::string says;
    const auto at_least = [&](const char* what, double want, double have) {
        if (want > 0 && have < want)
            says += fmt::format(" {} {:.3f} < {:.3f}", what, have, want);
    };
    const auto at_most = [&](const char* what, double want, double have) {
        if (want > 0 && have > want)
            says += fmt::format(" {} {:.1f} > {:.1f}", what, have, want);
    };
    at_least("median", wanted.reach_median, got.median);
    at_least("worst", wanted.reach_worst, got.worst);
    at_most("silences in the first hour", wanted.silences_first_hour, got.silences_first_hour);
    at_most("silences in later hours", wanted.silences_later_hours, got.silences_later_hours);
    at_most("spread", wanted.spread, got.spread);
    at_most("spread late", wanted.spread_late, got.spread_late);
    at_most("notices after s", wanted.notices_s, got.notices_s);
    if (got.inside > 0)
        says += fmt::format(" {} requests inside a silence", got.inside);
    return says;
}

std::string name_of(limit_kind kind, double seconds)
{
    switch (kind) {
        case limit_kind::window:
            return fmt::format("window {} s", seconds);
        case limit_kind::log:
            return fmt::format("sliding {} s", seconds);
        case limit_kind::bucket:
            return seconds < 0.5 ? std::string("GCRA") : fmt::format("bucket {} s", seconds);
        case limit_kind::box:
            return "penalty box";
    }
    return {};
}

}  // namespace reaper::bench
