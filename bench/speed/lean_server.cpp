// lean_server: answers every request with the same 200, and does as little else as it can, so that
// whoever is measured against it is the slower of the two. TLS 1.3, HTTP/1.1, pipelining; bodies
// are not understood. Not the sandbox: it keeps no ledger and believes everything.
//
//   lean_server --port-file FILE --ca-out FILE --samples FILE
//               [--delay MS] [--record-per-answer] [--different-heads]
//
// At SIGTERM it writes to the file of samples what it saw every 10 ms, as "seconds requests", and
// then a line "cpu SECONDS".

#include "sandbox/certificate.hpp"

#include <openssl/err.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

using std::chrono::steady_clock;

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nServer: lean\r\nDate: Thu, 26 Nov 2026 09:00:00 GMT\r\n"
    "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}";
constexpr std::size_t record_bytes = 16 * 1024;
constexpr std::size_t read_bytes = 128 * 1024;

volatile std::sig_atomic_t told_to_stop = 0;

struct options
{
    std::string port_file;
    std::string ca_out;
    std::string samples;
    std::chrono::milliseconds delay{0};
    bool record_per_answer = false;
    bool different_heads = false;
};

options parse(int count, char** words)
{
    options chosen;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = words[i];
        const auto value = [&] {
            if (++i == count)
                throw std::runtime_error(std::string(word) + " needs a value");
            return std::string(words[i]);
        };
        if (word == "--port-file")
            chosen.port_file = value();
        else if (word == "--ca-out")
            chosen.ca_out = value();
        else if (word == "--samples")
            chosen.samples = value();
        else if (word == "--delay")
            chosen.delay = std::chrono::milliseconds(std::stol(value()));
        else if (word == "--record-per-answer")
            chosen.record_per_answer = true;
        else if (word == "--different-heads")
            chosen.different_heads = true;
        else
            throw std::runtime_error("unknown option " + std::string(word));
    }
    return chosen;
}

// Counts the requests in a stream. Those of one client are nearly always of one length: the border
// is looked for where it was the last time.
class counter
{
public:
    std::uint64_t feed(std::string_view bytes)
    {
        rest_ += bytes;
        std::string_view text = rest_;
        std::uint64_t found = 0;
        constexpr std::string_view border = "\r\n\r\n";
        for (;;) {
            if (length_ > 0 && text.size() >= length_ &&
                text.substr(length_ - border.size(), border.size()) == border) {
                text.remove_prefix(length_);
            } else {
                const std::size_t end = text.find(border);
                if (end == std::string_view::npos)
                    break;
                length_ = end + border.size();
                text.remove_prefix(length_);
            }
            ++found;
        }
        rest_.erase(0, rest_.size() - text.size());
        return found;
    }

private:
    std::string rest_;
    std::size_t length_ = 0;
};

struct ssl_deleter
{
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};

struct connection
{
    int fd = -1;
    std::unique_ptr<SSL, ssl_deleter> ssl;
    counter requests;
    std::uint64_t owed_bytes = 0;  // of answers that may go
    std::uint64_t sent_bytes = 0;
    std::deque<std::pair<steady_clock::time_point, std::uint64_t>> delayed;
};

class server
{
public:
    explicit server(const options& chosen)
        : options_(chosen), identity_(sandbox::make_tls_identity({}))
    {
        SSL_CTX_set_mode(
            identity_.context.get(),
            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        );
        SSL_CTX_set_read_ahead(identity_.context.get(), 1);
        SSL_CTX_set_default_read_buffer_len(identity_.context.get(), read_bytes);
        render_answers();
        std::ofstream(options_.ca_out) << identity_.ca_pem;
        listen();
    }

    void run()
    {
        started_ = steady_clock::now();
        while (told_to_stop == 0) {
            epoll_event ready[64];
            const int count = ::epoll_wait(epoll_, ready, 64, wait_ms());
            for (int i = 0; i < count; ++i)
                if (ready[i].data.fd == listener_)
                    accept_all();
                else
                    serve(ready[i].data.fd);
            release_delayed();
            sample();
        }
        write_samples();
    }

private:
    // As many answers as a write may want, in a period that begins anew with each.
    void render_answers()
    {
        period_ = options_.different_heads ? 4096 : 1;
        for (std::uint64_t i = 0; i < period_; ++i) {
            std::string one(answer);
            if (options_.different_heads) {
                const std::string number = std::to_string(10000 + i);
                one.insert(one.find("Content-Type"), "X-Request-Id: 9f0d-" + number + "\r\n");
            }
            answer_bytes_ = one.size();
            answers_ += one;
        }
        period_bytes_ = answers_.size();
        while (answers_.size() < period_bytes_ + record_bytes)
            answers_ += answers_;
    }

    void listen()
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        if (listener_ < 0 || ::bind(listener_, raw, size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, raw, &size) != 0 || epoll_ < 0)
            throw std::runtime_error("cannot listen");
        watch(listener_, EPOLLIN);
        const std::string draft = options_.port_file + ".tmp";
        std::ofstream(draft) << ntohs(address.sin_port) << '\n';
        if (std::rename(draft.c_str(), options_.port_file.c_str()) != 0)
            throw std::runtime_error("cannot write the port");
    }

    void watch(int fd, std::uint32_t events) const
    {
        epoll_event wanted{};
        wanted.events = events;
        wanted.data.fd = fd;
        ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted);
    }

    void accept_all()
    {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0)
                return;
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            connection& made = connections_[fd];
            made.fd = fd;
            made.ssl.reset(SSL_new(identity_.context.get()));
            SSL_set_fd(made.ssl.get(), fd);
            SSL_set_accept_state(made.ssl.get());
            watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
        }
    }

    void serve(int fd)
    {
        connection& c = connections_.at(fd);
        for (;;) {
            std::size_t got = 0;
            ERR_clear_error();
            const int returned = SSL_read_ex(c.ssl.get(), plain_.data(), plain_.size(), &got);
            if (returned != 1) {
                if (SSL_get_error(c.ssl.get(), returned) != SSL_ERROR_WANT_READ) {
                    ::close(fd);
                    connections_.erase(fd);
                    return;
                }
                break;
            }
            const std::uint64_t found = c.requests.feed({plain_.data(), got});
            requests_ += found;
            if (options_.delay.count() == 0)
                c.owed_bytes += found * answer_bytes_;
            else if (found > 0)
                c.delayed.emplace_back(steady_clock::now() + options_.delay, found * answer_bytes_);
            // What one read brought is answered before the next: the client need not wait.
            send(c);
        }
        send(c);
    }

    void send(connection& c)
    {
        const std::size_t most = options_.record_per_answer ? answer_bytes_ : record_bytes;
        while (c.owed_bytes > 0) {
            std::size_t size =
                static_cast<std::size_t>(std::min<std::uint64_t>(c.owed_bytes, most));
            const char* const from = answers_.data() + c.sent_bytes % period_bytes_;
            std::size_t written = 0;
            ERR_clear_error();
            if (SSL_write_ex(c.ssl.get(), from, size, &written) != 1)
                return;  // the socket is full: EPOLLOUT comes
            c.owed_bytes -= written;
            c.sent_bytes += written;
        }
    }

    // With a delay it looks all the time: a timer of whole milliseconds would add to it.
    [[nodiscard]] int wait_ms() const { return options_.delay.count() == 0 ? 10 : 0; }

    void release_delayed()
    {
        if (options_.delay.count() == 0)
            return;
        const auto now = steady_clock::now();
        for (auto& [fd, c] : connections_) {
            while (!c.delayed.empty() && c.delayed.front().first <= now) {
                c.owed_bytes += c.delayed.front().second;
                c.delayed.pop_front();
            }
            send(c);
        }
    }

    void sample()
    {
        const auto now = steady_clock::now();
        if (now < next_sample_)
            return;
        next_sample_ = now + std::chrono::milliseconds(10);
        samples_.emplace_back(std::chrono::duration<double>(now - started_).count(), requests_);
    }

    void write_samples()
    {
        std::ofstream out(options_.samples);
        for (const auto& [at, count] : samples_)
            out << at << ' ' << count << '\n';
        rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        const auto in_s = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
        };
        out << "cpu " << in_s(used.ru_utime) + in_s(used.ru_stime) << '\n';
    }

    options options_;
    sandbox::tls_identity identity_;
    std::string answers_;
    std::uint64_t period_ = 1;
    std::size_t answer_bytes_ = 0;
    std::size_t period_bytes_ = 0;
    int listener_ = -1;
    int epoll_ = -1;
    std::unordered_map<int, connection> connections_;
    std::vector<char> plain_ = std::vector<char>(read_bytes);
    std::uint64_t requests_ = 0;
    steady_clock::time_point started_;
    steady_clock::time_point next_sample_;
    std::vector<std::pair<double, std::uint64_t>> samples_;
};

}  // namespace

int main(int count, char** words)
{
    try {
        std::signal(SIGPIPE, SIG_IGN);
        std::signal(SIGTERM, [](int) { told_to_stop = 1; });
        server one(parse(count, words));
        one.run();
        return EXIT_SUCCESS;
    } catch (const std::exception& e) {
        std::cerr << "lean_server: " << e.what() << '\n';
        return EXIT_FAILURE;
    }
}
