#pragma once
// Talks to the service manager: sd_notify(3), spoken directly, as it is one datagram on a Unix
// socket. Without a service manager every call does nothing.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reaper {

class supervisor
{
public:
    // Takes $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID from `environment`.
    explicit supervisor(const std::map<std::string, std::string>& environment);

    [[nodiscard]] bool is_present() const { return !address_.empty(); }

    // Within what time alive() must be called, if the manager asks for it. Half of it is a good
    // pace.
    [[nodiscard]] std::optional<duration> watchdog_timeout() const { return watchdog_timeout_; }

    // Each returns a fault if the manager could not be told. That is worth a warning and nothing
    // else: no work depends on it.
    result<void> ready(std::string_view status) const;     // also at the end of a reload
    result<void> reloading(mono_time now) const;           // at the start of one
    result<void> stopping(std::string_view status) const;  // at the start of a drain
    result<void> status(std::string_view status) const;    // a line for `systemctl status`
    result<void> alive() const;                            // for the watchdog
    result<void> extend_timeout(duration by) const;        // a start or stop that takes its time

private:
    result<void> send(const std::string& message) const;

    std::string address_;  // a path, or '\0' and an abstract name; empty if there is no manager
    std::optional<duration> watchdog_timeout_;
};

}  // namespace reaper
