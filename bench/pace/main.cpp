// pace_bench check [--pacer NAME] [--by-limit] [--only WORD] FILE...   what is reached, 1 if not
// all pace_bench trace FILE SCENARIO INDEX [--pacer NAME]       one run, second by second

#include "scenario.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace reaper::bench {
namespace {

struct asked
{
    std::string command;
    std::string pacer = "hold";
    std::string only;
    bool by_limit = false;
    unsigned threads = 2;
    std::vector<std::string> rest;
};

asked parse(int argc, char** argv)
{
    asked what;
    const std::vector<std::string> words(argv + 1, argv + argc);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto value = [&] {
            if (i + 1 == words.size())
                throw std::runtime_error(words[i] + " needs a value");
            return words[++i];
        };
        if (words[i] == "--pacer")
            what.pacer = value();
        else if (words[i] == "--only")
            what.only = value();
        else if (words[i] == "--by-limit")
            what.by_limit = true;
        else if (words[i] == "--threads")
            what.threads = static_cast<unsigned>(std::stoul(value()));
        else if (what.command.empty())
            what.command = words[i];
        else
            what.rest.push_back(words[i]);
    }
    return what;
}

const rival& pacer_named(const std::string& name)
{
    const rival* found = find_rival(name);
    if (found == nullptr)
        throw std::runtime_error("no pacer is called " + name);
    return *found;
}

bool check_one(const scenario& s, const rival& with, unsigned threads)
{
    const summary got = measure(s, with, threads);
    const std::string missed = shortfall(s, got);
    fmt::print(
        "{:<28} {:.3f} {:.3f}  silences {:5.1f} /h, first hour {:5.1f}, later {:4.1f}",
        s.name,
        got.median,
        got.worst,
        got.silences_per_hour,
        got.silences_first_hour,
        got.silences_later_hours
    );
    if (s.base.instances > 1)
        fmt::print(
            "  spread {:.2f} (worst {:.2f}), late {:.2f} ({:.2f})",
            got.spread,
            got.spread_worst,
            got.spread_late,
            got.spread_late_worst
        );
    if (s.base.limit.moves.change_to != 1)
        fmt::print("  after {:.0f} s", got.notices_s);
    fmt::print("{}{}\n", missed.empty() ? "" : "  NOT REACHED:", missed);
    std::fflush(stdout);
    return missed.empty();
}

int check(const asked& what)
{
    const rival& with = pacer_named(what.pacer);
    bool all = true;
    for (const std::string& file : what.rest) {
        for (scenario s : read_scenarios(file)) {
            if (s.name.find(what.only) == std::string::npos)
                continue;
            if (!what.by_limit) {
                all = check_one(s, with, what.threads) && all;
                continue;
            }
            for (const auto& limit : s.limits) {
                scenario part = s;
                part.limits = {limit};
                part.name += " " + name_of(limit.first, limit.second);
                all = check_one(part, with, what.threads) && all;
            }
        }
    }
    return all ? 0 : 1;
}

int trace(const asked& what)
{
    for (const scenario& s : read_scenarios(what.rest.at(0))) {
        if (s.name != what.rest.at(1))
            continue;
        run_shape shape = runs_of(s).at(std::stoul(what.rest.at(2)));
        shape.traced = true;
        const run_result got = run(shape, pacer_named(what.pacer).make);
        for (const trace_point& p : got.trace) {
            fmt::print(
                "{:8.1f} {:10.3f} {:10.3f}{}",
                p.at_s,
                p.pace / shape.limit.rate_per_s,
                p.let_through / shape.limit.rate_per_s,
                p.shut ? " shut" : "     "
            );
            for (const double pace : p.others)
                fmt::print(" {:10.3f}", pace / shape.limit.rate_per_s);
            fmt::print("\n");
        }
        fmt::print(
            "efficiency {:.4f}, {} silences, {:.1f} s, shares {:.2f}, late {:.2f}\n",
            got.efficiency,
            got.silences,
            got.took_s,
            got.spread,
            got.spread_late
        );
        return 0;
    }
    throw std::runtime_error("no such scenario");
}

}  // namespace
}  // namespace reaper::bench

int main(int argc, char** argv)
{
    using namespace reaper::bench;
    try {
        const asked what = parse(argc, argv);
        if (what.command == "check")
            return check(what);
        if (what.command == "trace")
            return trace(what);
        throw std::runtime_error("usage: pace_bench check|trace ... (see main.cpp)");
    } catch (const std::exception& error) {
        fmt::print(stderr, "pace_bench: {}\n", error.what());
        return 2;
    }
}
