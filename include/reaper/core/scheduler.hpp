#pragma once
// Whose turn it is within an account: by priority, then round-robin (SPEC 3), so that 100 tokens do
// not wait behind 10 million. Only jobs that may have something to send stand in a ring; the others
// are parked and cost nothing.

#include "reaper/model/job.hpp"

#include <array>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace reaper {

using job_key = std::uint64_t;

class scheduler
{
public:
    // Adds a job, or moves it to another priority. It is ready at first.
    void add(job_key key, priority prio);
    void remove(job_key key);

    // It has nothing to send for now; wake() brings it back, at the end of its ring.
    void park(job_key key);
    void wake(job_key key);

    // The job whose turn it is, or 0 if none is ready. The turn stays until pass() or park().
    [[nodiscard]] job_key next() const;

    // True if another job of the same priority is ready: then they take turns.
    [[nodiscard]] bool has_rivals() const;

    // It has had its turn: to the end of its ring.
    void pass(job_key key);

private:
    static constexpr std::size_t ring_count = 3;

    struct place
    {
        std::size_t ring = 0;
        bool ready = false;
        std::list<job_key>::iterator position{};  // valid while ready
    };

    std::array<std::list<job_key>, ring_count> rings_;
    std::unordered_map<job_key, place> places_;
};

}  // namespace reaper
