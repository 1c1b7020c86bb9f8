#include "net_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reaper::test {

net_wire::net_wire(
    net_ground& ground, std::uint64_t number, connection_events& events, duration timeout
)
    : ground_(ground), number_(number), timeout_(timeout), client_(&events)
{
}

void net_wire::note(seen what, std::uint64_t detail)
{
    ground_.trace.add(ground_.clock.mono());
    ground_.trace.add(number_ << 8u | static_cast<std::uint64_t>(what));
    ground_.trace.add(detail);
}

void net_wire::violate(const std::string& what)
{
    ground_.api.violate(fmt::format("connection {}: {}", number_, what));
}

void net_wire::at(mono_time when, void (net_wire::*step)())
{
    ground_.clock.at(when, [this, step] { (this->*step)(); });
}

// --- what the daemon calls

void net_wire::open()
{
    if (phase_ != phase::idle) {
        violate("opened twice, or after it was shut");
        return;
    }
    phase_ = phase::dialling;
    const network_shape& shape = ground_.shape();
    const mono_time now = ground_.clock.mono();
    const mono_time limit = now + timeout_;
    const mono_time there_and_back = ground_.arrival(ground_.arrival(now));
    const auto fail_at = [&](mono_time when, const char* sentence) {
        ground_.clock.at(when, [this, sentence] { fail_to_connect(sentence); });
    };

    if (ground_.mishap_chance(shape.connect_hangs) ||
        ground_.api.spell(outage::black_hole) != nullptr)
        fail_at(limit, "cannot connect to 192.0.2.1:443: timed out");
    else if (ground_.api.spell(outage::refusing) != nullptr)
        fail_at(std::min(there_and_back, limit), "cannot connect to 192.0.2.1:443: refused");
    else if (ground_.mishap_chance(shape.connect_fails)) {
        static constexpr const char* sentences[] = {
            "cannot resolve the host: try again", "192.0.2.1:443 ended the TLS handshake"};
        fail_at(std::min(there_and_back, limit), sentences[ground_.random.below(2)]);
    } else {
        // TCP and TLS 1.3: two round trips.
        const mono_time ready = ground_.arrival(ground_.arrival(there_and_back));
        if (ready > limit)
            fail_at(limit, "cannot connect to 192.0.2.1:443: timed out");
        else
            at(ready, &net_wire::connect);
    }
}

void net_wire::write(std::string_view bytes)
{
    if (phase_ != phase::open || writing_) {
        violate(writing_ ? "written before the end of the write before" : "written while not open");
        return;
    }
    if (spoilt_)
        violate("written after an answer that obliges the client to close");
    if (ceases_)
        violate("written after an answer with Connection: close");  // RFC 9112 9.6
    note(seen::wrote, bytes.size());
    read_requests(bytes);
    writing_ = true;
    written_ += bytes.size();
    upmost_ = written_;
    send_up(bytes.size());
    at(ground_.clock.mono() + ground_.random.upto(ground_.shape().written_delay),
       &net_wire::finish_write);
}

void net_wire::leave()
{
    const bool was_open = phase_ == phase::open;
    phase_ = phase::over;
    client_ = nullptr;
    if (!was_open)
        return;
    note(seen::left, written_ - delivered_);
    // What the kernel has still goes out, unless what arrives meanwhile makes it reset.
    if (ground_.random.one_in(3))
        upmost_ = delivered_ + ground_.random.below(written_ - delivered_ + 1);
}

// --- writing

void net_wire::read_requests(std::string_view bytes)
{
    std::uint64_t end = written_;
    while (!bytes.empty()) {
        const deletion asked = read_deletion(bytes, ground_.api.host());
        if (asked.wrong != nullptr) {
            violate(fmt::format("no request of ours: {}", asked.wrong));
            return;
        }
        bytes.remove_prefix(asked.bytes);
        end += asked.bytes;
        ++requests_;
        // RFC 9112 9.3.2: a client waits for the first answer before it relies on persistence.
        if (!clean_reply_ && requests_ - answers_ > 1)
            violate("two requests in flight before the first answer");
        under_way_.push_back({end, ground_.api.note_written(number_, requests_, asked)});
    }
}

// The bytes set out, whole or in pieces. None arrives before one that was sent earlier.
void net_wire::send_up(std::size_t bytes)
{
    std::uint64_t upto = written_ - bytes;
    mono_time leaving = ground_.clock.mono();
    while (upto < written_) {
        std::uint64_t size = written_ - upto;
        if (size > 1 && ground_.random.chance(ground_.shape().splits))
            size = 1 + ground_.random.below(size);
        upto += size;
        up_at_ = std::max(up_at_, ground_.arrival(leaving));
        ground_.clock.at(up_at_, [this, upto] { arrive_up(upto); });
        leaving += 1us;
    }
}

void net_wire::finish_write()
{
    if (is_client_gone())
        return;
    writing_ = false;
    note(seen::written);
    client_->written();
}

// --- reading

void net_wire::connect()
{
    if (is_client_gone())
        return;
    phase_ = phase::open;
    note(seen::connected);
    accept();
    client_->connected();
}

void net_wire::fail_to_connect(std::string sentence)
{
    if (is_client_gone())
        return;
    phase_ = phase::over;
    note(seen::failed);
    std::exchange(client_, nullptr)->connect_failed(std::move(sentence));
}

void net_wire::wait_to_look()
{
    if (std::exchange(looking_, true))
        return;
    at(ground_.clock.mono() + ground_.random.upto(ground_.shape().read_lag), &net_wire::look);
}

// One event for the client each time, as the kernel's readiness has it.
void net_wire::look()
{
    looking_ = false;
    if (is_client_gone())
        return;
    if (down_read_ < down_arrived_)
        hand_over();
    else if (end_arrived_)
        end_client();
}

void net_wire::hand_over()
{
    auto size = static_cast<std::size_t>(down_arrived_ - down_read_);
    // No answer takes more than some dozens of events, however small the pieces and long the body.
    if (const std::size_t most = ground_.shape().read_bytes_max; most > 0)
        size = std::min(size, std::max(most, size / 32));
    std::string_view bytes(down_);
    bytes = bytes.substr(static_cast<std::size_t>(down_read_ - down_base_), size);
    down_read_ += size;
    pass_marks();
    note(seen::received, size);
    if (!surplus_.empty() && is_all_answered() && ground_.random.one_in(2)) {
        spoilt_ = true;
        client_->received(std::string(bytes) + surplus_);
    } else {
        client_->received(bytes);
    }
    if (down_read_ == down_base_ + down_.size()) {
        down_.clear();
        down_base_ = down_read_;
    }
    if (!is_client_gone() && (down_read_ < down_arrived_ || end_arrived_) && !looking_) {
        looking_ = true;
        at(ground_.clock.mono(), &net_wire::look);
    }
}

// The answers whose last byte the client now has.
void net_wire::pass_marks()
{
    while (!marks_.empty() && marks_.front().end <= down_read_) {
        answer_mark mark = std::move(marks_.front());
        marks_.pop_front();
        if (!mark.whole || spoilt_)
            continue;
        ++answers_;
        // Of what only the end delimits a client cannot know yet what it obliges it to.
        spoilt_ = mark.spoils && !mark.needs_end;
        awaits_end_ = mark.needs_end;
        awaiting_ = mark.request;
        if (mark.needs_end)
            continue;
        clean_reply_ = true;
        ceases_ = mark.announces_end;
        ground_.api.note_read(mark.request);
        if (!mark.surplus.empty()) {
            surplus_ = std::move(mark.surplus);
            at(ground_.clock.mono() + ground_.random.upto(ground_.random.one_in(2) ? 0ms : 50ms),
               &net_wire::send_surplus);
        }
    }
}

bool net_wire::is_all_answered() const
{
    return requests_ == answers_ && !awaits_end_ && down_read_ == down_base_ + down_.size();
}

// Only if nothing is owed, so that nobody can take it for an answer.
void net_wire::send_surplus()
{
    if (is_client_gone() || !is_all_answered() || end_arrived_ || spoilt_)
        return;
    spoilt_ = true;
    note(seen::received, surplus_.size());
    client_->received(surplus_);
}

void net_wire::end_client()
{
    phase_ = phase::over;
    if (awaits_end_ && clean_end_ && !spoilt_)
        ground_.api.note_read(awaiting_);
    note(seen::closed, clean_end_ ? 1 : 0);
    std::exchange(client_, nullptr)
        ->closed(
            clean_end_ ? "192.0.2.1:443 closed the connection"
                       : "lost the connection to 192.0.2.1:443: reset by peer",
            clean_end_
        );
}

}  // namespace reaper::test
