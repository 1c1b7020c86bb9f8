#include "dialer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reaper {

namespace asio = boost::asio;
using boost::system::error_code;

std::string bare_host(std::string host)
{
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    if (host.size() > 1 && host.back() == '.')
        host.pop_back();
    return host;
}

dialer::dialer(
    asio::any_io_executor executor, std::string host, std::uint16_t port, dialer_events& events
)
    : host_(std::move(host)),
      port_(port),
      events_(events),
      resolver_(executor),
      socket_(executor),
      timer_(executor)
{
}

void dialer::start(duration time)
{
    deadline_ = clock::now() + time;
    arm_timer(deadline_);
    resolver_.async_resolve(
        host_,
        std::to_string(port_),
        tcp::resolver::numeric_service,
        guarded([this](error_code ec, const tcp::resolver::results_type& found) {
            on_resolved(ec, found);
        })
    );
}

void dialer::on_resolved(error_code ec, const tcp::resolver::results_type& found)
{
    resolved_ = true;
    for (const auto& each : found)
        addresses_.push_back(each.endpoint());
    if (ec || addresses_.empty())
        fail(fmt::format("cannot resolve {}: {}", host_, ec.message()));
    else
        try_next();
}

void dialer::try_next()
{
    end_attempt();
    handed_out_ = false;
    error_code ignored;
    socket_.close(ignored);
    if (next_ == addresses_.size()) {
        fail(fmt::format("{}", fmt::join(failures_, "; ")));
        return;
    }
    const auto left = static_cast<std::ptrdiff_t>(addresses_.size() - next_);
    const auto now = clock::now();
    arm_timer(now + (deadline_ - now) / left);
    socket_.async_connect(addresses_[next_++], guarded([this](error_code ec) {
                              on_connected(ec);
                          }));
}

void dialer::on_connected(error_code ec)
{
    if (ec == asio::error::connection_refused) {
        reject("connection refused by " + address());
    } else if (ec) {
        reject(fmt::format("cannot connect to {}: {}", address(), ec.message()));
    } else {
        handed_out_ = true;
        events_.dialed(std::move(socket_));
    }
}

void dialer::reject(std::string sentence)
{
    failures_.push_back(std::move(sentence));
    try_next();
}

void dialer::arm_timer(clock::time_point at)
{
    timer_.expires_at(at);
    timer_.async_wait(guarded([this](error_code ec) {
        if (!ec)
            on_time_up();
    }));
}

void dialer::on_time_up()
{
    if (!resolved_) {
        fail(fmt::format("cannot resolve {}: no answer in time", host_));
    } else if (handed_out_) {
        events_.undialed();
        reject("no end of the TLS handshake with " + address());
    } else {
        reject("no answer from " + address());
    }
}

void dialer::settle()
{
    stop();
}

void dialer::stop()
{
    end_attempt();
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

void dialer::fail(std::string sentence)
{
    stop();
    events_.dialing_failed(std::move(sentence));
}

std::string dialer::address() const
{
    if (next_ == 0)
        return fmt::format("{}:{}", host_, port_);
    const tcp::endpoint& endpoint = addresses_[next_ - 1];
    const std::string text = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", text, endpoint.port())
                                      : fmt::format("{}:{}", text, endpoint.port());
}

}  // namespace reaper
