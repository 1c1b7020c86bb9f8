// What the engine shows of itself.

#include "reaper/base/units.hpp"
#include "reaper/engine/engine.hpp"

#include <algorithm>

namespace reaper {

namespace {

std::string in_a_while(mono_time at, instant now)
{
    return at > now.mono ? " in " + show_duration(at - now.mono) : " now";
}

}  // namespace

job::reason engine::account_reason(const account& a, instant now) const
{
    if (!a.setup.keys_fault.empty())
        return {"keys", a.setup.keys_fault};
    const std::string again = in_a_while(a.health.until(), now);
    switch (a.health.current()) {
        case trouble::blocked:
            return {
                "blocked",
                "account " + a.name() +
                    ": the API refuses the REST key (401); put the right key in place; tried "
                    "again" +
                    again};
        case trouble::maintenance:
            return {
                "maintenance",
                "account " + a.name() + ": the API is in maintenance (503); tried again" + again};
        case trouble::outage:
            return {
                "outage",
                "account " + a.name() + ": the API gives no clear answers (" + a.health.what() +
                    "); next probe" + again};
        case trouble::none:
            break;
    }
    if (a.health.network_down())
        return {
            "network",
            "account " + a.name() + ": " + a.health.network_what() + "; tried again" + again};
    const limit& l = *a.under;
    if (!l.owned && !l.not_owned.empty())
        return {"disk", l.not_owned};
    if (!l.owned || l.wanted)
        return {"limit", "another command is using the limit of account " + a.name()};
    if (!l.noted && !l.trouble.empty())
        return {"disk", l.trouble};
    if (l.hard.current() == gate::phase::shut && l.hard.shut_until() > now.mono)
        return {
            "throttled",
            "the API asked for silence (429); sending goes on" +
                in_a_while(l.hard.shut_until(), now)};
    return {};
}

job::reason engine::reason_of(const entry& e, instant now) const
{
    if (e.it->is_complete())
        return e.finish_fault.empty() ? job::reason{} : job::reason{"disk", e.finish_fault};
    job::reason own = e.it->own_reason(now);
    if (!own.category.empty() || e.owner == nullptr || e.it->is_dry())
        return own;
    return account_reason(*e.owner, now);
}

std::vector<job_view> engine::job_views(instant now) const
{
    std::vector<job_view> views;
    views.reserve(jobs_.size());
    for (const auto& [key, e] : jobs_) {
        job_view view = e.it->view(now);
        if (view.why.empty()) {
            const job::reason why = reason_of(e, now);
            view.why = why.sentence;
            if (!why.category.empty()) {
                view.state = "paused";
                view.eta_s.reset();
            }
        }
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<account_view> engine::account_views(instant now) const
{
    std::vector<account_view> views;
    for (const auto& [name, a] : accounts_) {
        account_view view;
        view.name = name;
        view.limit = a->under->id;
        const job::reason why = account_reason(*a, now);
        view.why = why.sentence;
        if (why.category == "blocked" || why.category == "keys")
            view.state = "blocked";
        else if (!why.category.empty())
            view.state = "paused";
        else
            view.state = a->in_flight > 0 ? "ok" : "idle";
        view.connections = static_cast<unsigned>(a->links.size());
        view.in_flight = a->in_flight;
        view.window = std::min<std::uint64_t>(
            a->under->pace->window(),
            std::uint64_t{a->setup.settings.max_window} * a->setup.settings.connections
        );
        view.requests = a->requests;
        views.push_back(std::move(view));
    }
    return views;
}

std::vector<limit_view> engine::limit_views(instant now) const
{
    std::vector<limit_view> views;
    for (const auto& [id, l] : limits_) {
        limit_view view;
        view.id = id;
        view.pace_per_s = l->pace->pace_per_s();
        view.gate_open = l->hard.is_open();
        if (l->hard.current() == gate::phase::shut)
            view.reopens_in_s = std::max(0.0, to_seconds(l->hard.shut_until() - now.mono));
        view.throttled = l->throttled;
        views.push_back(std::move(view));
    }
    return views;
}

bool engine::is_stuck(instant now) const
{
    return std::all_of(jobs_.begin(), jobs_.end(), [&](const auto& each) {
        const entry& e = each.second;
        if (e.finishing || e.it->in_flight() > 0 || e.it->is_complete() || e.it->is_ending())
            return false;
        if (e.it->is_stuck(now))
            return true;
        if (e.owner == nullptr || e.it->is_dry())
            return false;
        const std::string category = account_reason(*e.owner, now).category;
        return category == "keys" || category == "blocked";
    });
}

}  // namespace reaper
