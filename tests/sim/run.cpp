#include "sim/run.hpp"

#include "sim/oracle.hpp"
#include "sim/quiet_log.hpp"

#include <fmt/format.h>

namespace reaper::test {

namespace {

// After everything has become calm, the work is done within this.
constexpr duration patience = 3h;
// A daemon that keeps itself busy without getting on.
constexpr std::uint64_t turns_max = 3'000'000;

class simulation
{
public:
    simulation(std::uint64_t seed, bool tell)
        : random_(seed),
          shape_(random_shape(random_)),
          disk_({.seed = random_.next()}),
          disk_is_ours_(disk_.activate()),
          api_(clock_, shape_, random_.fork(), "127.0.0.1:8080"),
          net_(clock_, api_, random_.fork()),
          machine_(clock_, disk_, net_, random_.fork()),
          people_(clock_, disk_, api_, machine_, random_.fork())
    {
        tell_log(tell ? &clock_ : nullptr);
    }

    ~simulation() { tell_log(nullptr); }

    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;

    run_report run()
    {
        people_.begin();
        run_until(clock_.mono() + shape_.calm_after, false);
        people_.calm_down();
        expect_end("what was dropped");
        people_.drop_fresh();
        expect_end("a fresh job");
        stop_for_good();
        run_report report;
        report.world = describe(shape_);
        report.requests = api_.truth().requests.size();
        report.turns = machine_.turns();
        report.disk_calls = disk_.calls();
        report.ends = machine_.ends();
        report.virtual_seconds = to_seconds(clock_.mono() - event_queue::first_instant);
        report.trace = net_.trace() ^ disk_.calls() ^
                       static_cast<std::uint64_t>(clock_.mono().time_since_epoch().count());
        if (broken_.empty())
            broken_ = oracle(api_.truth(), disk_, people_, machine_.ends()).judge();
        report.broken = broken_;
        report.broken.insert(
            report.broken.end(), machine_.violations.begin(), machine_.violations.end()
        );
        return report;
    }

private:
    // Until then, or until everything is done; true if it is.
    bool run_until(mono_time end, bool or_done)
    {
        while (clock_.next_at() <= end && machine_.turns() < turns_max) {
            machine_.step();
            people_.look();
            if (or_done && machine_.is_running() && people_.what_is_left().empty())
                return true;
        }
        return false;
    }

    void expect_end(const std::string& what)
    {
        if (!broken_.empty() || run_until(clock_.mono() + patience, true))
            return;
        broken_.push_back(what + " does not come to an end");
        if (const auto status = machine_.status()) {
            for (const job_view& job : status->jobs)
                broken_.push_back(fmt::format(
                    "{} {} {}/{}: {}", job.id, job.state, job.outcomes.total(), job.total, job.why
                ));
            for (const intake_problem& problem : status->problems)
                broken_.push_back(problem.path + ": " + problem.why);
        }
        for (const std::string& left : people_.what_is_left())
            broken_.push_back("left: " + left);
        if (!machine_.is_running())
            broken_.push_back("the daemon does not start: " + machine_.why_not);
    }

    // A power cut that was planned earlier may strike in the stop, and take back a job that was
    // moved to done/ and not yet synced there: then the next start has to end it.
    void stop_for_good()
    {
        while (broken_.empty()) {
            stop();
            if (people_.what_is_left().empty())
                return;
            expect_end("what a crash in the stop took back");
        }
    }

    void stop()
    {
        machine_.stop();
        const mono_time end = clock_.mono() + 60s;
        while (machine_.is_running() && clock_.next_at() <= end)
            machine_.step();
        if (machine_.is_running())
            broken_.push_back("it does not stop");
    }

    random_source random_;
    world_shape shape_;
    event_queue clock_;
    disk_model disk_;
    disk_model::activation disk_is_ours_;
    api_model api_;
    net_model net_;
    machine machine_;
    people people_;
    std::vector<std::string> broken_;
};

}  // namespace

run_report simulate(std::uint64_t seed, bool tell)
{
    return simulation(seed, tell).run();
}

}  // namespace reaper::test
