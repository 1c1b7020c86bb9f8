// bare_loop: what a request costs this machine at a slow pace before anybody does anything for it:
// a loop that is woken by a timer, sends a packet, is woken by the answer and reads it. No TLS, no
// parser, no results. Processors that slept have cold caches, and virtual ones are slow to wake:
// compare with this, not with what the same calls take in a row.
//
//   bare_loop HERTZ SECONDS     prints the seconds of CPU that it used, and the number of requests

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <sched.h>
#include <stdexcept>

namespace {

using std::chrono::steady_clock;

// As the daemon's request and its answer, in records of TLS.
constexpr std::size_t request_bytes = 285;
constexpr std::size_t answer_bytes = 169;

using buffer = std::array<char, 4096>;

int checked(int result)
{
    if (result < 0)
        throw std::runtime_error("a call of the system failed");
    return result;
}

void send_at_once(int connection)
{
    const int on = 1;
    checked(::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

// The server, a process of its own. Ends with the connection.
[[noreturn]] void answer(int listener)
{
    static buffer bytes{};
    const int connection = checked(::accept(listener, nullptr, nullptr));
    send_at_once(connection);
    while (::read(connection, bytes.data(), bytes.size()) > 0)
        checked(static_cast<int>(::write(connection, bytes.data(), answer_bytes)));
    std::_Exit(0);
}

int connect_to_server()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    const int listener = checked(::socket(AF_INET, SOCK_STREAM, 0));
    checked(::bind(listener, any, size));
    checked(::listen(listener, 1));
    checked(::getsockname(listener, any, &size));
    if (checked(::fork()) == 0) {
        // On the core that bench/speed gives servers.
        cpu_set_t first;
        CPU_ZERO(&first);
        CPU_SET(0, &first);
        static_cast<void>(::sched_setaffinity(0, sizeof first, &first));
        answer(listener);
    }
    const int connection = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    checked(::connect(connection, any, size));
    send_at_once(connection);
    return connection;
}

int timer_of(long hertz)
{
    const int timer = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    const timespec period{
        .tv_sec = hertz == 1 ? 1 : 0, .tv_nsec = 1'000'000'000 / hertz % 1'000'000'000};
    const itimerspec every{.it_interval = period, .it_value = period};
    checked(::timerfd_settime(timer, 0, &every, nullptr));
    return timer;
}

void watch(int poll, int descriptor)
{
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = descriptor;
    checked(::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &wanted));
}

double cpu_seconds()
{
    timespec used{};
    checked(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used));
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

void measure(long hertz, std::chrono::seconds span)
{
    static buffer bytes{};
    const int connection = connect_to_server();
    const int timer = timer_of(hertz);
    const int poll = checked(::epoll_create1(0));
    watch(poll, timer);
    watch(poll, connection);

    std::uint64_t requests = 0;
    const double before = cpu_seconds();
    const auto end = steady_clock::now() + span;
    while (steady_clock::now() < end) {
        epoll_event event{};
        checked(::epoll_wait(poll, &event, 1, -1));
        if (event.data.fd == connection) {
            checked(static_cast<int>(::recv(connection, bytes.data(), bytes.size(), 0)));
            continue;
        }
        std::uint64_t expirations = 0;
        checked(static_cast<int>(::read(timer, &expirations, sizeof expirations)));
        checked(static_cast<int>(::send(connection, bytes.data(), request_bytes, MSG_NOSIGNAL)));
        ++requests;
    }
    std::printf("%.6f %llu\n", cpu_seconds() - before, static_cast<unsigned long long>(requests));
}

}  // namespace

int main(int count, char** words)
{
    const long hertz = count == 3 ? std::strtol(words[1], nullptr, 10) : 0;
    const long seconds = count == 3 ? std::strtol(words[2], nullptr, 10) : 0;
    if (hertz < 1 || seconds < 1) {
        std::fputs("usage: bare_loop HERTZ SECONDS\n", stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    try {
        measure(hertz, std::chrono::seconds(seconds));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bare_loop: %s\n", e.what());
        return 1;
    }
    return 0;
}
