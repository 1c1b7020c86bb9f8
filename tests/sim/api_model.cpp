#include "api_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper::test {
namespace {

// A run that has gone wrong in one way goes wrong in it a thousand times.
constexpr std::size_t violations_max = 20;

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

}  // namespace

api_model::api_model(
    event_queue& clock, const world_shape& shape, random_source random, std::string host
)
    : clock_(clock), shape_(shape), random_(random), host_(std::move(host)), start_(clock.mono())
{
}

// --- what a test sets

std::size_t api_model::add_app(
    const std::string& api_key, const std::string& rest_key, const std::string& shared_limit
)
{
    apps_.push_back({.shared_limit = shared_limit});
    add_credential(apps_.size() - 1, api_key, rest_key);
    return apps_.size() - 1;
}

void api_model::change_keys(
    std::size_t app, const std::string& api_key, const std::string& rest_key
)
{
    for (credential& each : truth_.credentials)
        if (each.app == app)
            each.valid = false;
    add_credential(app, api_key, rest_key);
}

std::size_t api_model::add_credential(
    std::size_t app, const std::string& api, const std::string& rest
)
{
    const std::string& shared = apps_.at(app).shared_limit;
    const std::size_t limit = find_limit(shared.empty() ? "key " + api : "shared " + shared);
    truth_.credentials.push_back({.app = app, .api_key = api, .rest_key = rest, .limit = limit});
    return truth_.credentials.size() - 1;
}

std::size_t api_model::find_limit(const std::string& name)
{
    for (std::size_t i = 0; i < limits_.size(); ++i)
        if (limits_[i].name == name)
            return i;
    limits_.push_back(
        {.name = name, .limiter = rate_limiter(shape_.limit, start_), .rival_at = clock_.mono()}
    );
    return limits_.size() - 1;
}

void api_model::add_campaign(std::size_t app, const std::string& token)
{
    if (apps_.at(app).campaigns.insert_or_assign(token, true).second)
        apps_[app].tokens.push_back(token);
}

bool api_model::exists(std::size_t app, const std::string& token) const
{
    const auto found = apps_.at(app).campaigns.find(token);
    return found != apps_[app].campaigns.end() && found->second;
}

void api_model::process_died()
{
    for (limit_group& each : limits_)
        each.asked_until = {};
}

// --- what the network tells it

std::size_t api_model::find_credential(const deletion& asked) const
{
    for (std::size_t i = truth_.credentials.size(); i-- > 0;)
        if (truth_.credentials[i].api_key == asked.api_key &&
            truth_.credentials[i].rest_key == asked.rest_key)
            return i;
    return nobody;
}

std::size_t api_model::note_written(
    std::uint64_t connection, std::uint64_t ordinal, const deletion& asked
)
{
    request_truth made{
        .connection = connection,
        .ordinal = ordinal,
        .credential = find_credential(asked),
        .token = std::string(asked.token),
        .written_at = clock_.mono()};
    if (made.credential == nobody)
        violate("keys that no app ever had came with token " + made.token);
    else
        check_silence(limits_[truth_.credentials[made.credential].limit], made);
    truth_.requests.push_back(std::move(made));
    return truth_.requests.size() - 1;
}

void api_model::check_silence(const limit_group& limit, const request_truth& asked)
{
    const mono_time until = std::max(limit.silent_until, limit.asked_until);
    if (asked.written_at < until)
        violate(fmt::format(
            "token {} was sent {:.6f} s before the end of the silence of limit \"{}\"",
            asked.token,
            to_seconds(until - asked.written_at),
            limit.name
        ));
}

api_answer api_model::answer(std::size_t request, bool is_last)
{
    request_truth& asked = truth_.requests.at(request);
    api_answer given;
    if (asked.credential == nobody)
        given = say(asked, 401, 10, is_last);
    else
        given = judge(asked, is_last);
    given.think += random_.upto(shape_.think);
    asked.status = given.status;
    return given;
}

void api_model::serve_unheard(std::size_t request)
{
    static_cast<void>(answer(request, false));
    truth_.requests[request].status = 0;
}

void api_model::note_read(std::size_t request)
{
    request_truth& asked = truth_.requests.at(request);
    if (asked.status == 0)
        return;
    asked.read_at = clock_.mono();
    if (asked.status != 429 || asked.credential == nobody)
        return;
    limit_group& limit = limits_[truth_.credentials[asked.credential].limit];
    limit.silent_until = asked.read_at + silence_after_429;
    limit.asked_until = asked.read_at + std::chrono::seconds(asked.retry_after);
}

void api_model::violate(const std::string& what)
{
    if (truth_.violations.size() < violations_max)
        truth_.violations.push_back(
            fmt::format("at {:.6f} s: {}", to_seconds(clock_.mono() - start_), what)
        );
}

const outage_spell* api_model::spell(outage kind) const
{
    const duration now = clock_.mono() - start_;
    for (const outage_spell& each : shape_.spells)
        if (each.kind == kind && each.from <= now && now < each.upto)
            return &each;
    return nullptr;
}

// --- the rival

// All that it has asked for since we looked last. Nobody sees the difference, as long as it happens
// before our own request is judged.
void api_model::let_rival_act(limit_group& limit, std::size_t app)
{
    const rival_shape& rival = shape_.rival;
    if (rival.share <= 0 || !shape_.has_limit())
        return;
    const mono_time upto = std::min(clock_.mono(), start_ + shape_.calm_after);
    const duration step(static_cast<std::int64_t>(1e9 / (rival.share * shape_.limit.rate_per_s)));
    // What is longer ago than any window leaves no trace in the limit.
    limit.rival_at = std::max(limit.rival_at, upto - 61s);
    for (; limit.rival_at < upto; limit.rival_at += step) {
        const duration age = limit.rival_at - start_;
        const bool is_idle = rival.spell.count() > 0 && (age / rival.spell) % 2 == 1;
        if (is_idle || !limit.limiter.take_for_rival(limit.rival_at))
            continue;
        const std::vector<std::string>& tokens = apps_[app].tokens;
        if (tokens.empty() || !random_.chance(rival.removes))
            continue;
        const std::string& token = tokens[random_.below(tokens.size())];
        if (std::exchange(apps_[app].campaigns[token], false))
            truth_.removals.push_back({limit.rival_at, app, token});
    }
}

}  // namespace reaper::test
