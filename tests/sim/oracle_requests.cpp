// What the oracle says of requests: what was sent, when, and on whose order.

#include "sim/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper::test {

// Of keys that nobody has there is no limit.
std::optional<std::size_t> oracle::limit_of(const request_truth& asked) const
{
    if (asked.credential >= truth_.credentials.size())
        return std::nullopt;
    return truth_.credentials[asked.credential].limit;
}

// P4: nothing is sent that no accepted job names, and with the keys of its account.
void oracle::judge_requests()
{
    for (const request_truth& asked : truth_.requests) {
        const dropped_file* file = history_of(asked.token).file;
        expect(file != nullptr, "P4: nobody named " + asked.token);
        if (file == nullptr)
            continue;
        expect(taken_as_.contains(file), "P4: sent from a file that was not taken: " + asked.token);
        if (asked.credential < truth_.credentials.size())
            expect(
                truth_.credentials[asked.credential].app == people_.app_of(file->plan.account),
                "sent with the keys of another account: " + asked.token
            );
    }
}

// SPEC 6: after each silence one request goes first, and the others wait for its answer.
void oracle::judge_canaries()
{
    const auto& asked = truth_.requests;
    std::map<std::size_t, std::set<mono_time>> refusals;  // when a 429 was read, by limit
    for (const request_truth& each : asked)
        if (each.status == 429 && limit_of(each))
            refusals[*limit_of(each)].insert(each.read_at);
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const request_truth& one = asked[i];
        if (!limit_of(one))
            continue;
        const std::set<mono_time>& read = refusals[*limit_of(one)];
        auto refused = read.upper_bound(one.written_at);
        if (refused == read.begin())
            continue;
        --refused;
        bool reopened = false;
        bool awaited = false;
        for (std::size_t j = i; j-- > 0 && asked[j].written_at > *refused && !reopened;) {
            if (asked[j].read_at == mono_never || limit_of(asked[j]) != limit_of(one))
                continue;
            const bool answered = asked[j].read_at <= one.written_at;
            reopened = answered && asked[j].status < 500;
            awaited = awaited || !answered;
        }
        expect(reopened || !awaited, "a second request before the canary's answer: " + one.token);
    }
}

// What a person has ordered, and the daemon has taken away, is in force.
void oracle::judge_orders()
{
    for (const given_order& order : people_.orders()) {
        if (order.obeyed_at == mono_never || order.verb == "release")
            continue;
        mono_time until = mono_never;
        if (order.verb == "hold")
            for (const given_order& other : people_.orders())
                if (other.job == order.job && other.verb == "release" &&
                    other.given_at >= order.given_at)
                    until = std::min(until, other.given_at);
        const std::string folder = spool_root + "/done/" + order.job;
        for (const request_truth& asked : truth_.requests) {
            const dropped_file* file = history_of(asked.token).file;
            const auto taken = file == nullptr ? taken_as_.end() : taken_as_.find(file);
            if (taken == taken_as_.end() || taken->second != folder)
                continue;
            expect(
                asked.written_at <= order.obeyed_at || asked.written_at > until,
                fmt::format("sent after its job had a {}: {}", order.verb, asked.token)
            );
        }
    }
}

}  // namespace reaper::test
