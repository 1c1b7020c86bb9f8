#pragma once
// One run in virtual time: pacers below which lies the daemon's own gate, driven as the engine
// drives them (engine/engine_pump.cpp, engine/engine_answers.cpp), against one limit.

#include "limit_model.hpp"
#include "reaper/core/pacer.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reaper::bench {

struct run_shape
{
    limit_shape limit;
    double work_s = 600;   // seconds of work at the first rate, shared by all instances
    double horizon_s = 0;  // or: endless work, for so long
    double round_trip_s = 0.05;
    double jitter_s = 0.001;  // mean of an exponential, each way
    unsigned instances = 1;
    double stagger_s = 1;        // the instances start within so long
    std::optional<double> warm;  // the remembered pace, in terms of the limit
    double warm_age_s = 3600;
    std::uint64_t seed = 1;
    bool traced = false;
};

struct trace_point
{
    double at_s = 0;
    double pace = 0;
    double let_through = 0;  // per second, since the last point
    bool shut = false;
    std::vector<double> others;  // the paces of the other instances, 0 in a silence
};

struct run_result
{
    double efficiency = 0;
    double took_s = 0;
    std::uint64_t silences = 0;  // all of them, those of refused canaries too; per instance
    double first_hour = 0;       // silences in the first hour of an instance
    double later_hours = 0;      // per hour after that
    std::uint64_t refused = 0;   // answers
    std::uint64_t inside = 0;    // requests inside a silence
    double spread = 1;           // the largest share of an instance over the smallest
    double spread_late = 1;      // the same, of the second half of the horizon
    double reached_s = -1;       // after a change: until 90 % of the new limit over 20 s
    bool ended = true;
    std::vector<trace_point> trace;  // of the first instance
};

struct pacer_start
{
    mono_time now{};
    double limit_per_s = 0;  // for the rival that is told
    std::optional<double> remembered;
    double remembered_age_s = 0;
    std::uint64_t seed = 1;
};

using pacer_maker = std::function<std::unique_ptr<pacer>(const pacer_start&)>;

// When one who sees the state of the limit is done with `count` requests; or how many it gets
// through in `horizon_s` if that is set.
[[nodiscard]] double oracle_seconds(const limit_shape& shape, std::uint64_t count);
[[nodiscard]] double oracle_count(const limit_shape& shape, double horizon_s);

[[nodiscard]] run_result run(const run_shape& shape, const pacer_maker& make);

}  // namespace reaper::bench
