#include "reaper/rt/supervisor.hpp"

#include "reaper/base/text.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace reaper {

namespace {

constexpr std::size_t status_bytes_max = 500;

std::string variable(const std::map<std::string, std::string>& environment, const char* name)
{
    const auto found = environment.find(name);
    return found != environment.end() ? found->second : std::string{};
}

std::optional<std::int64_t> positive_number(std::string_view text)
{
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end || value <= 0)
        return std::nullopt;
    return value;
}

// sd_watchdog_enabled(3): $WATCHDOG_PID says whom it is for, where it is set.
std::optional<duration> read_watchdog(const std::map<std::string, std::string>& environment)
{
    constexpr std::int64_t usec_max = duration::max().count() / 1000;
    const std::string pid = variable(environment, "WATCHDOG_PID");
    if (!pid.empty() && positive_number(pid) != ::getpid())
        return std::nullopt;
    const auto usec = positive_number(variable(environment, "WATCHDOG_USEC"));
    if (!usec || *usec > usec_max)
        return std::nullopt;
    return std::chrono::microseconds(*usec);
}

// A line end would begin another assignment.
std::string status_line(std::string_view status)
{
    return fmt::format("STATUS={}", presentable(status, {}, status_bytes_max));
}

class socket_fd
{
public:
    explicit socket_fd(int descriptor) : descriptor_(descriptor) {}

    ~socket_fd()
    {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }

    socket_fd(const socket_fd&) = delete;
    socket_fd& operator=(const socket_fd&) = delete;

    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

}  // namespace

supervisor::supervisor(const std::map<std::string, std::string>& environment)
    : address_(variable(environment, "NOTIFY_SOCKET")),
      watchdog_timeout_(read_watchdog(environment))
{
    const bool is_path = address_.starts_with('/');
    const bool is_abstract = address_.starts_with('@');
    if ((!is_path && !is_abstract) || address_.size() >= sizeof(sockaddr_un::sun_path))
        address_.clear();
    else if (is_abstract)
        address_[0] = '\0';
}

result<void> supervisor::ready(std::string_view status) const
{
    return send("READY=1\n" + status_line(status));
}

result<void> supervisor::reloading(mono_time now) const
{
    // The manager takes it only with the time at which it began, on CLOCK_MONOTONIC: that is what
    // steady_clock is here.
    const auto since = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch());
    return send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", since.count()));
}

result<void> supervisor::stopping(std::string_view status) const
{
    return send("STOPPING=1\n" + status_line(status));
}

result<void> supervisor::status(std::string_view status) const
{
    return send(status_line(status));
}

result<void> supervisor::alive() const
{
    return send("WATCHDOG=1");
}

result<void> supervisor::extend_timeout(duration by) const
{
    const auto usec = std::chrono::ceil<std::chrono::microseconds>(by);
    return send(fmt::format("EXTEND_TIMEOUT_USEC={}", usec.count()));
}

result<void> supervisor::send(const std::string& message) const
{
    if (!is_present())
        return {};
    const socket_fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0)
        return system_fault("cannot make a socket to tell the service manager");
    // A manager that is stuck must not stop the daemon.
    const timeval patience{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);

    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(address_, address.sun_path);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    ssize_t sent = 0;
    do {
        sent = ::sendto(
            socket.get(),
            message.data(),
            message.size(),
            MSG_NOSIGNAL,
            reinterpret_cast<const sockaddr*>(&address),
            size
        );
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return system_fault("cannot tell the service manager");
    return {};
}

}  // namespace reaper
