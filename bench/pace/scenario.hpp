#pragma once
// Scenarios are data: what is run, in every combination, and what must be reached. The words are in
// scenarios/README.md.

#include "rivals.hpp"
#include "run.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace reaper::bench {

struct scenario
{
    std::string name;
    std::string about;
    bool held_back = false;  // from tuning
    std::vector<std::pair<limit_kind, double>> limits;
    std::vector<double> rates{100};
    std::vector<double> round_trips_ms{50};
    std::vector<std::uint64_t> seeds{1};
    run_shape base;

    // What must be reached; 0 where nothing is asked.
    double reach_median = 0;
    double reach_worst = 0;
    double silences_first_hour = 0;   // median at most
    double silences_later_hours = 0;  // median at most, each
    double spread = 0;                // median at most
    double spread_late = 0;           // median at most
    double notices_s = 0;             // median at most
};

struct summary
{
    double median = 0;
    double worst = 0;
    double silences_first_hour = 0;
    double silences_later_hours = 0;
    double silences_per_hour = 0;
    double spread = 0;
    double spread_worst = 0;
    double spread_late = 0;
    double spread_late_worst = 0;
    double notices_s = 0;
    std::uint64_t inside = 0;
    std::size_t runs = 0;
};

// Throws std::runtime_error with file and line where a word is not known.
[[nodiscard]] std::vector<scenario> read_scenarios(const std::filesystem::path& file);

// Every combination.
[[nodiscard]] std::vector<run_shape> runs_of(const scenario& from);

[[nodiscard]] summary measure(const scenario& what, const rival& with, unsigned threads);

// What is not reached, in words; empty if all is.
[[nodiscard]] std::string shortfall(const scenario& wanted, const summary& got);

[[nodiscard]] std::string name_of(limit_kind kind, double seconds);

}  // namespace reaper::bench
