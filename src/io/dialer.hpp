#pragma once
// Finds the addresses of a host and connects to one after the other, until one is settled on.

#include "attempts.hpp"
#include "reaper/base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace reaper {

// "[::1]" and "api.example.com." as the resolver and certificates say it: without.
[[nodiscard]] std::string bare_host(std::string host);

// Come from handlers only. None comes after settle() or stop().
class dialer_events
{
public:
    // Connected. Comes again, with another address, after reject() or undialed().
    virtual void dialed(boost::asio::ip::tcp::socket socket) = 0;

    // The address has had its share of the time and is not settled: its socket is not wanted any
    // more.
    virtual void undialed() = 0;

    // No address is left, or the name has none. A sentence for people.
    virtual void dialing_failed(std::string sentence) = 0;

protected:
    ~dialer_events() = default;
};

// Held by a shared_ptr; `events` must live until settle() or stop().
class dialer : public attempts<dialer>
{
public:
    dialer(
        boost::asio::any_io_executor executor,
        std::string host,
        std::uint16_t port,
        dialer_events& events
    );

    // `time` is for everything: each address gets an equal share of what is left.
    void start(duration time);

    // The connected address will not do: `sentence` says why. Tries the next.
    void reject(std::string sentence);

    // The connected address it is.
    void settle();
    void stop();

    // The address that is being tried, or was settled on: "127.0.0.1:8443", "[::1]:8443".
    [[nodiscard]] std::string address() const;

private:
    using tcp = boost::asio::ip::tcp;
    using clock = boost::asio::steady_timer::clock_type;

    void on_resolved(boost::system::error_code ec, const tcp::resolver::results_type& found);
    void try_next();
    void on_connected(boost::system::error_code ec);
    void on_time_up();
    void arm_timer(clock::time_point at);
    void fail(std::string sentence);

    const std::string host_;
    const std::uint16_t port_;
    dialer_events& events_;
    tcp::resolver resolver_;
    tcp::socket socket_;  // of the address that is being tried; handed out when it is connected
    boost::asio::steady_timer timer_;
    clock::time_point deadline_{};
    bool resolved_ = false;
    bool handed_out_ = false;  // what remains of this address's time is for the user of the socket
    std::vector<tcp::endpoint> addresses_;
    std::size_t next_ = 0;
    std::vector<std::string> failures_;
};

}  // namespace reaper
