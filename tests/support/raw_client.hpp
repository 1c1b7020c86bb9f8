#pragma once
// A blocking plain-text client for tests of the sandbox: what it sends and what it gets are bytes.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

enum class stream_end
{
    none,   // nothing more came in time
    clean,  // the server ended the stream
    reset,
};

class raw_client
{
public:
    explicit raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto* plain = reinterpret_cast<const sockaddr*>(&address);
        if (::connect(socket_, plain, sizeof(address)) != 0)
            throw std::runtime_error("cannot connect to the sandbox");
    }

    ~raw_client() { ::close(socket_); }

    raw_client(const raw_client&) = delete;
    raw_client& operator=(const raw_client&) = delete;

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;  // the server has gone: what it said shows why
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void shut_sending() { ::shutdown(socket_, SHUT_WR); }

    // One whole answer with a Content-Length; shorter if the stream ends in it.
    std::string read_answer()
    {
        while (true) {
            const auto head = input_.find("\r\n\r\n");
            const auto length_at = input_.find("Content-Length: ");
            if (head != std::string::npos && length_at < head) {
                const std::size_t size = head + 4 + std::stoul(input_.substr(length_at + 16));
                if (input_.size() >= size)
                    return take(size);
            }
            if (!read_more(std::chrono::seconds(10)))
                return take(input_.size());
        }
    }

    // Everything until the stream ends.
    std::string read_to_end()
    {
        while (read_more(std::chrono::seconds(10))) {
        }
        return take(input_.size());
    }

    // True if nothing comes, and nothing ends, for a while.
    bool is_silent_for(std::chrono::milliseconds patience)
    {
        return !read_more(patience) && end_ == stream_end::none;
    }

    [[nodiscard]] stream_end end() const { return end_; }

    // How many pieces the bytes arrived in so far.
    [[nodiscard]] std::size_t reads() const { return reads_; }

private:
    bool read_more(std::chrono::milliseconds patience)
    {
        const timeval limit{
            .tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        char buffer[65536];
        const auto got = ::recv(socket_, buffer, sizeof(buffer), 0);
        if (got == 0)
            end_ = stream_end::clean;
        else if (got < 0 && errno == ECONNRESET)
            end_ = stream_end::reset;
        if (got <= 0)
            return false;
        ++reads_;
        input_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }

    std::string take(std::size_t size)
    {
        std::string taken = input_.substr(0, size);
        input_.erase(0, size);
        return taken;
    }

    int socket_;
    std::string input_;
    stream_end end_ = stream_end::none;
    std::size_t reads_ = 0;
};

}  // namespace reaper::test
