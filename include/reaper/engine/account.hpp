#pragma once
// One account: its settings, its health, its connections and the order of its jobs.

#include "reaper/core/health.hpp"
#include "reaper/core/lifespan.hpp"
#include "reaper/core/scheduler.hpp"
#include "reaper/engine/guard_lists.hpp"
#include "reaper/engine/limit.hpp"
#include "reaper/engine/link.hpp"
#include "reaper/model/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reaper {

// What the shell knows of an account beside its settings: the engine never sees a key.
struct account_setup
{
    account_settings settings;
    std::string limit;          // id
    std::string credentials;    // changes whenever keys, CA or endpoint do: connections are renewed
    std::string keys_fault;     // why the keys cannot be used, or empty
    bool route_proven = false;  // remembered from an earlier 2xx
    guard_lists lists;
};

struct account
{
    explicit account(account_setup from)
        : setup(std::move(from)), health(setup.settings.retry.base, setup.settings.retry.cap)
    {
    }

    account_setup setup;
    limit* under = nullptr;
    account_health health;
    scheduler order;
    lifespan server_closes;
    std::vector<link*> links;
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;  // tokens of its jobs that wait for another try
    std::uint64_t requests = 0;
    bool retired = false;  // no longer configured: it only drains

    [[nodiscard]] const std::string& name() const { return setup.settings.name; }
};

}  // namespace reaper
