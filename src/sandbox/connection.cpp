#include "sandbox/connection.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace sandbox {
namespace {

constexpr std::size_t read_bytes = std::size_t{64} * 1024;
// A client that reads nothing is not read from either.
constexpr std::size_t owed_bytes_max = std::size_t{4} * 1024 * 1024;
// Reads in a row before other connections have their turn.
constexpr int rounds_max = 16;
// How long input is awaited after the last answer: closing with unread input resets the connection,
// and a reset may overtake the answer (RFC 9112 9.6).
constexpr std::chrono::seconds lingering(2);

mono_time now_of_clock()
{
    return std::chrono::steady_clock::now();
}

// One buffer for all connections of a thread: bytes stay in it for one call only.
std::array<char, read_bytes>& read_buffer()
{
    thread_local std::array<char, read_bytes> buffer;
    return buffer;
}

}  // namespace

connection::connection(connection_context& context, transport link, std::uint64_t number)
    : context_(context),
      link_(std::move(link)),
      number_(number),
      timer_(link_.socket().get_executor())
{
}

void connection::pump()
{
    if (closed_ || !shake_hands())
        return;

    bool reads = true;
    for (int round = 0; !closed_ && reads; ++round) {
        reads = read_some();
        while (!closed_ && write_some()) {
        }
        if (reads && round == rounds_max) {
            // Edge-triggered waits do not tell of what is there already: come back by oneself.
            auto again = [self = shared_from_this()] { self->pump(); };
            boost::asio::post(link_.socket().get_executor(), std::move(again));
            return;
        }
    }
    if (closed_)
        return;
    if (input_ended_ && outbox_.is_empty()) {
        close();
        return;
    }
    if (const auto due = outbox_.next_due())
        wait_until(*due);
    else if (close_at_)
        wait_until(*close_at_);
}

bool connection::shake_hands()
{
    if (established_)
        return true;
    const io_result result = link_.handshake();
    if (result.state == io_state::done)
        established_ = true;
    else if (result.state == io_state::wants_read || result.state == io_state::wants_write)
        wait_as(result.state);
    else
        close();
    return established_;
}

bool connection::read_some()
{
    if (close_at_ && now_of_clock() >= *close_at_) {
        close();
        return false;
    }
    if (input_ended_ || outbox_.size_bytes() > owed_bytes_max)
        return false;

    auto& buffer = read_buffer();
    const io_result result = link_.read(buffer);
    switch (result.state) {
        case io_state::done:
            if (!deaf_) {
                input_.append(buffer.data(), result.bytes);
                answer_requests();
            }
            return true;
        case io_state::wants_read:
        case io_state::wants_write:
            wait_as(result.state);
            return false;
        case io_state::ended:
            input_ended_ = true;
            return false;
        case io_state::failed:
            close();
            return false;
    }
    return false;
}

void connection::answer_requests()
{
    std::size_t position = 0;
    while (!deaf_) {
        request next;
        const auto rest = std::string_view(input_).substr(position);
        const parse_state state = rest.empty() ? parse_state::partial : parser_.parse(rest, next);
        if (state == parse_state::partial)
            break;
        const mono_time now = now_of_clock();
        if (state == parse_state::complete) {
            answer_one(next, now);
            position += next.bytes;
        } else {
            refuse_protocol(state, now);
        }
    }
    input_.erase(0, position);
}

void connection::answer_one(const request& from, mono_time now)
{
    ++requests_;
    const bool is_last = requests_ == context_.options.max_requests_per_connection;
    handling done = context_.answers.handle(from, now, is_last, outbox_.bytes());
    deaf_ = done.then != aftermath::serve;

    std::optional<ledger_entry> entry;
    if (context_.log.is_wanted()) {
        done.entry.received = now;
        done.entry.connection = number_;
        done.entry.request = requests_;
        if (done.has_answer)
            entry = std::move(done.entry);
        else
            context_.log.record(done.entry);
    }
    outbox_.add(std::move(entry), done.then, done.slow, due_of(now));
}

void connection::refuse_protocol(parse_state state, mono_time now)
{
    responder::append_protocol_error(outbox_.bytes(), state);
    outbox_.add(std::nullopt, aftermath::finish, false, due_of(now));
    deaf_ = true;
}

mono_time connection::due_of(mono_time now)
{
    const auto& options = context_.options;
    mono_time due = now + options.latency;
    if (options.jitter > duration::zero()) {
        const auto span = static_cast<std::uint64_t>(options.jitter.count());
        due += duration(static_cast<std::int64_t>(context_.answers.faults().below(span)));
    }
    return due;
}

bool connection::write_some()
{
    const mono_time now = now_of_clock();
    const std::string_view bytes = outbox_.writable(now);
    if (bytes.empty()) {
        const bool owed = !outbox_.is_empty();
        settle(now);
        // An answer that was settled may have let the next one go.
        return owed && !closed_ && !outbox_.writable(now).empty();
    }
    const io_result result = link_.write(bytes);
    switch (result.state) {
        case io_state::done:
            outbox_.wrote(result.bytes, now);
            settle(now);
            return true;
        case io_state::wants_read:
        case io_state::wants_write:
            wait_as(result.state);
            return false;
        case io_state::ended:
        case io_state::failed:
            close();
            return false;
    }
    return false;
}

void connection::settle(mono_time now)
{
    while (const auto settled = outbox_.take_settled(now)) {
        if (settled->entry)
            context_.log.record(*settled->entry);
        if (settled->then != aftermath::serve) {
            apply(settled->then);
            return;
        }
    }
}

void connection::apply(aftermath then)
{
    switch (then) {
        case aftermath::serve:
        case aftermath::stall:
            break;
        case aftermath::finish:
            link_.shut_sending();
            close_at_ = now_of_clock() + lingering;
            break;
        case aftermath::half_close:
            link_.shut_sending();
            break;
        case aftermath::reset:
            link_.reset();
            close();
            break;
    }
}

void connection::close()
{
    if (closed_)
        return;
    closed_ = true;
    for (const auto& entry : outbox_.abandon())
        context_.log.record(entry);
    timer_.cancel();
    link_.close();
    context_.on_closed(number_);
}

void connection::wait_as(io_state state)
{
    if (state == io_state::wants_read)
        wait_readable();
    else
        wait_writable();
}

void connection::wait_readable()
{
    if (std::exchange(waiting_read_, true))
        return;
    link_.socket().async_wait(
        boost::asio::socket_base::wait_read,
        [self = shared_from_this()](boost::system::error_code) {
            self->waiting_read_ = false;
            self->pump();
        }
    );
}

void connection::wait_writable()
{
    if (std::exchange(waiting_write_, true))
        return;
    link_.socket().async_wait(
        boost::asio::socket_base::wait_write,
        [self = shared_from_this()](boost::system::error_code) {
            self->waiting_write_ = false;
            self->pump();
        }
    );
}

void connection::wait_until(mono_time time)
{
    if (timer_at_ == time)
        return;
    timer_at_ = time;
    timer_.expires_at(time);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (error)
            return;  // moved, or the connection is closed
        self->timer_at_ = reaper::mono_never;
        self->pump();
    });
}

}  // namespace sandbox
