#pragma once
// The company's API in virtual time: apps with their campaigns and keys, limits of every shape, and
// whatever may go wrong. It judges a request in the instant in which it arrives.

#include "api_answer.hpp"
#include "api_truth.hpp"
#include "event_queue.hpp"
#include "rate_limiter.hpp"
#include "request_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reaper::test {

class api_model
{
public:
    // The world starts now: spells and calm are counted from here. `host` is what requests must
    // name in their Host field.
    api_model(event_queue& clock, const world_shape& shape, random_source random, std::string host);

    // --- what a test sets ------------------------------------------------------------------------

    // An app, reached by this pair of keys. Each API key has a limit of its own, unless apps name
    // a shared one. Keys are words of letters and digits.
    std::size_t add_app(
        const std::string& api_key,
        const std::string& rest_key,
        const std::string& shared_limit = {}
    );

    // From now on the app has this pair of keys, and whoever comes with an older one gets 401.
    void change_keys(std::size_t app, const std::string& api_key, const std::string& rest_key);

    void add_campaign(std::size_t app, const std::string& token);
    [[nodiscard]] bool exists(std::size_t app, const std::string& token) const;

    // The daemon is gone: what it owed to a Retry-After goes with it, the 5 s do not (SPEC P3).
    void process_died();

    // --- what the network tells it ---------------------------------------------------------------

    // A request is handed to a connection; whatever is wrong with that is a violation. Returns its
    // place in truth().requests.
    std::size_t note_written(
        std::uint64_t connection, std::uint64_t ordinal, const deletion& asked
    );

    // It arrives. `is_last`: the server closes after it, and the answer may say so.
    [[nodiscard]] api_answer answer(std::size_t request, bool is_last);

    // It arrives at a server that answers nothing any more on its connection, and works all the
    // same.
    void serve_unheard(std::size_t request);

    // The daemon has read the whole answer.
    void note_read(std::size_t request);

    void violate(const std::string& what);

    // --- what it knows ---------------------------------------------------------------------------

    [[nodiscard]] const api_truth& truth() const { return truth_; }

    [[nodiscard]] const world_shape& shape() const { return shape_; }

    [[nodiscard]] const std::string& host() const { return host_; }

    // Mishaps are over.
    [[nodiscard]] bool is_calm() const { return clock_.mono() >= start_ + shape_.calm_after; }

    // The spell of this kind that it is now, or null.
    [[nodiscard]] const outage_spell* spell(outage kind) const;

    [[nodiscard]] mono_time start() const { return start_; }

private:
    struct app_state
    {
        std::unordered_map<std::string, bool> campaigns{};  // which are there; only looked up
        std::vector<std::string> tokens{};                  // for the rival to choose from
        std::string shared_limit{};
    };

    struct limit_group
    {
        std::string name{};
        rate_limiter limiter;
        mono_time rival_at{};      // when the rival asks next
        mono_time silent_until{};  // 5 s from the last 429 read
        mono_time asked_until{};   // as Retry-After has it
    };

    std::size_t find_limit(const std::string& name);
    std::size_t add_credential(std::size_t app, const std::string& api, const std::string& rest);
    [[nodiscard]] std::size_t find_credential(const deletion& asked) const;
    void check_silence(const limit_group& limit, const request_truth& asked);
    void let_rival_act(limit_group& limit, std::size_t app);
    void remove(request_truth& asked);

    [[nodiscard]] api_answer judge(request_truth& asked, bool is_last);
    [[nodiscard]] api_answer apply(mishap what, request_truth& asked, bool is_last);
    [[nodiscard]] api_answer disturb(mishap what, request_truth& asked, bool is_last);
    [[nodiscard]] api_answer serve(request_truth& asked, bool is_last);
    [[nodiscard]] api_answer refuse(request_truth& asked, bool is_last);
    [[nodiscard]] api_answer say(request_truth& asked, int status, int code, bool is_last);
    [[nodiscard]] mishap draw_mishap();
    void maybe_remove(request_truth& asked);

    event_queue& clock_;
    const world_shape shape_;
    random_source random_;
    const std::string host_;
    const mono_time start_;
    std::vector<app_state> apps_;
    std::vector<limit_group> limits_;
    api_truth truth_;
};

}  // namespace reaper::test
