#pragma once
// The socket below TLS, as tls_pump wants it: it takes and gives what it can at once.

#include "tls_pump.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace reaper {

class socket_stream final : public tls_stream
{
public:
    // The socket does not block, and outlives the stream.
    explicit socket_stream(boost::asio::ip::tcp::socket& socket) : socket_(&socket) {}

    std::size_t receive(char* into, std::size_t room) override
    {
        if (error_ || drained_)
            return 0;
        boost::system::error_code ec;
        const std::size_t size = socket_->read_some(boost::asio::buffer(into, room), ec);
        // Less than there was room for: asking again would only say that nothing is left.
        drained_ = size < room;
        if (ec != boost::asio::error::would_block)
            error_ = ec;
        return size;
    }

    [[nodiscard]] bool ended() const override { return error_.failed(); }

    std::size_t send(std::string_view bytes) override
    {
        if (busy_)
            return 0;
        // An error comes again, and is dealt with, when what is left is sent.
        boost::system::error_code ignored;
        return socket_->write_some(boost::asio::buffer(bytes), ignored);
    }

    // The socket has something to read, or its end, or an error was found while it was waited for.
    void readable(boost::system::error_code ec)
    {
        drained_ = false;
        error_ = ec;
    }

    // Earlier bytes are on their way: nothing may overtake them.
    void set_busy(bool busy) { busy_ = busy; }

    // Why nothing more comes.
    [[nodiscard]] const boost::system::error_code& error() const { return error_; }

private:
    boost::asio::ip::tcp::socket* socket_;
    boost::system::error_code error_;
    bool drained_ = false;
    bool busy_ = false;
};

}  // namespace reaper
