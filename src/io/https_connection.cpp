#include "reaper/io/https_connection.hpp"

#include "attempts.hpp"
#include "dialer.hpp"
#include "socket_stream.hpp"
#include "tls_pump.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <cassert>
#include <optional>
#include <utility>
#include <vector>

namespace reaper {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// The connection itself. It outlives its owner until its last handler has run; none of them does
// anything once it is closed.
class https_connection::state : public attempts<state>, public dialer_events
{
public:
    state(
        asio::any_io_executor executor,
        std::shared_ptr<tls_context> context,
        connection_target target,
        connection_events& events
    )
        : context_(std::move(context)),
          target_(std::move(target)),
          host_(bare_host(target_.host)),
          events_(events),
          socket_(executor),
          dialer_(std::make_shared<dialer>(executor, host_, target_.port, *this))
    {
        assert(context_ != nullptr || !target_.tls);
    }

    void open()
    {
        assert(phase_ == phase::idle);
        phase_ = phase::dialing;
        dialer_->start(target_.connect_timeout);
    }

    void write(std::string_view bytes)
    {
        assert(phase_ == phase::open && !write_outstanding_);
        write_outstanding_ = true;
        if (!tls_)
            plain_out_ += bytes;
        else if (!tls_->write(bytes))
            write_failed_ = true;  // what came before is still to be read, then the end
        if (sending_.empty() && outgoing().empty() && !write_failed_)
            asio::post(socket_.get_executor(), guarded([this] { on_all_sent(); }));
        else
            send();
    }

    void shut()
    {
        if (phase_ == phase::open && tls_) {
            tls_->say_goodbye();
            send_parting_words();
        }
        close();
    }

private:
    enum class phase
    {
        idle,
        dialing,
        handshaking,
        open,
        closed,
    };

    void dialed(tcp::socket socket) override
    {
        const auto self = shared_from_this();  // the event may destroy our owner
        socket_ = std::move(socket);

        // Requests are written when they are due: Nagle's algorithm would hold them back.
        error_code ignored;
        socket_.set_option(tcp::no_delay(true), ignored);
        socket_.set_option(tcp::socket::keep_alive(true), ignored);
        socket_.non_blocking(true, ignored);
        in_.resize(target_.read_buffer_bytes);
        if (!target_.tls) {
            become_open();
            return;
        }
        phase_ = phase::handshaking;
        stream_ = socket_stream(socket_);
        tls_.emplace(context_, host_, stream_);
        go_on_with_handshake();
    }

    void undialed() override
    {
        end_attempt();
        error_code ignored;
        socket_.close(ignored);
        sending_.clear();
        phase_ = phase::dialing;
    }

    void dialing_failed(std::string sentence) override { fail(std::move(sentence)); }

    // The address will not do.
    void reject(std::string sentence)
    {
        undialed();
        dialer_->reject(std::move(sentence));
    }

    void go_on_with_handshake()
    {
        switch (tls_->handshake()) {
            case tls_step::done:
                send();
                become_open();
                return;
            case tls_step::starved:
                send();
                receive_more();
                return;
            case tls_step::ended:
                reject(dialer_->address() + " ended the TLS handshake");
                return;
            case tls_step::failed:
                if (stream_.ended()) {
                    reject(lost_sentence(stream_.error()) + " during the TLS handshake");
                    return;
                }
                send_parting_words();  // the alert that tells the peer why
                // Another address would hardly have another certificate.
                if (tls_->is_untrusted())
                    fail(tls_->failure());
                else
                    reject(tls_->failure());
                return;
        }
    }

    void become_open()
    {
        phase_ = phase::open;
        dialer_->settle();
        events_.connected();
        if (phase_ != phase::open)
            return;
        // The end of the handshake may have come with more behind it.
        if (tls_)
            hand_over();
        else
            receive_plain();
    }

    void receive_plain()
    {
        socket_.async_read_some(asio::buffer(in_), guarded([this](error_code ec, std::size_t size) {
                                    if (ec) {
                                        end(lost_sentence(ec), ec == asio::error::eof);
                                        return;
                                    }
                                    events_.received(std::string_view(in_.data(), size));
                                    if (phase_ == phase::open)
                                        receive_plain();
                                }));
    }

    // Goes on when the socket has something to read: TLS takes it from there itself.
    void receive_more()
    {
        socket_.async_wait(tcp::socket::wait_read, guarded([this](error_code ec) {
                               stream_.readable(ec);
                               if (phase_ == phase::handshaking)
                                   go_on_with_handshake();
                               else
                                   hand_over();
                           }));
    }

    // Decrypts what has arrived and hands it over.
    void hand_over()
    {
        for (;;) {
            std::size_t size = 0;
            const tls_step step = tls_->read(in_.data(), in_.size(), size);
            if (size > 0)
                events_.received(std::string_view(in_.data(), size));
            if (phase_ != phase::open)
                return;
            send();  // TLS itself may have something to answer
            switch (step) {
                case tls_step::done:
                    break;  // the buffer was full
                case tls_step::starved:
                    receive_more();
                    return;
                case tls_step::ended:
                    end(dialer_->address() + " closed the connection", true);
                    return;
                case tls_step::failed:
                    end(stream_.ended() ? lost_sentence(stream_.error()) : tls_->failure(), false);
                    return;
            }
        }
    }

    [[nodiscard]] std::string lost_sentence(error_code ec) const
    {
        return ec == asio::error::eof
                   ? dialer_->address() + " closed the connection"
                   : fmt::format("lost the connection to {}: {}", dialer_->address(), ec.message());
    }

    [[nodiscard]] std::string& outgoing() { return tls_ ? tls_->outgoing() : plain_out_; }

    // Hands everything outgoing to the kernel in one piece; what comes meanwhile gathers.
    void send()
    {
        if (!sending_.empty() || outgoing().empty() || write_failed_)
            return;
        std::swap(sending_, outgoing());
        stream_.set_busy(true);
        asio::async_write(
            socket_, asio::buffer(sending_), guarded([this](error_code ec, std::size_t) {
                on_sent(ec);
            })
        );
    }

    void on_sent(error_code ec)
    {
        sending_.clear();
        stream_.set_busy(false);
        // Answers that came before the peer went may still be unread: the connection ends where
        // reading does.
        write_failed_ = write_failed_ || ec;
        if (outgoing().empty() && !write_failed_)
            on_all_sent();
        else
            send();
    }

    void on_all_sent()
    {
        if (phase_ == phase::open && std::exchange(write_outstanding_, false))
            events_.written();
    }

    // Before the socket is closed: what it does not take at once is not worth waiting for.
    void send_parting_words()
    {
        error_code ignored;
        if (sending_.empty() && !write_failed_)
            socket_.write_some(asio::buffer(outgoing()), ignored);
    }

    void fail(std::string sentence)
    {
        const auto self = shared_from_this();
        close();
        events_.connect_failed(std::move(sentence));
    }

    void end(std::string sentence, bool clean_eof)
    {
        close();
        events_.closed(std::move(sentence), clean_eof);
    }

    void close()
    {
        phase_ = phase::closed;
        end_attempt();
        dialer_->stop();
        error_code ignored;
        socket_.close(ignored);
    }

    const std::shared_ptr<tls_context> context_;
    const connection_target target_;
    const std::string host_;
    connection_events& events_;

    phase phase_ = phase::idle;
    tcp::socket socket_;
    const std::shared_ptr<dialer> dialer_;

    socket_stream stream_{socket_};
    std::optional<tls_pump> tls_;
    std::vector<char> in_;   // what has arrived, decrypted
    std::string plain_out_;  // outgoing() without TLS
    std::string sending_;    // the kernel is taking it
    bool write_outstanding_ = false;
    bool write_failed_ = false;
};

https_connection::https_connection(
    asio::any_io_executor executor,
    std::shared_ptr<tls_context> context,
    connection_target target,
    connection_events& events
)
    : state_(std::make_shared<state>(
          std::move(executor), std::move(context), std::move(target), events
      ))
{
}

https_connection::~https_connection()
{
    shut();
}

void https_connection::open()
{
    state_->open();
}

void https_connection::write(std::string_view bytes)
{
    state_->write(bytes);
}

void https_connection::shut()
{
    state_->shut();
}

}  // namespace reaper
