// The server's end of a wire, and what the network does on the way.

#include "net_wire.hpp"

#include <algorithm>
#include <utility>

namespace reaper::test {

// --- the ground

mono_time net_ground::arrival(mono_time leaving)
{
    const network_shape& of = shape();
    mono_time arrives = leaving + of.latency + random.upto(of.jitter);
    if (mishap_chance(of.loses_piece))
        arrives += random.between(200ms, 3s);  // TCP sends it again
    for (const outage_spell& each : api.shape().spells) {
        const mono_time from = api.start() + each.from;
        const mono_time upto = api.start() + each.upto;
        if (each.kind == outage::black_hole && from <= arrives && arrives < upto)
            arrives = upto + random.upto(3s);
    }
    return arrives;
}

// --- the server's end

void net_wire::accept()
{
    if (ground_.mishap_chance(ground_.shape().ends_at_once))
        end_server(ground_.clock.mono(), ground_.mishap_chance(ground_.shape().ends_rudely));
    free_at_ = ground_.clock.mono();
    if (ground_.shape().idle_max.count() > 0)
        at(free_at_ + ground_.shape().idle_max, &net_wire::look_for_idleness);
}

void net_wire::look_for_idleness()
{
    if (deaf_ || is_client_gone())
        return;
    const mono_time now = ground_.clock.mono();
    const mono_time due = free_at_ + ground_.shape().idle_max;
    if (due <= now)
        end_server(now, ground_.mishap_chance(ground_.shape().ends_rudely));
    else
        at(due, &net_wire::look_for_idleness);
}

void net_wire::arrive_up(std::uint64_t upto)
{
    delivered_ = std::max(delivered_, std::min(upto, upmost_));
    while (!under_way_.empty() && under_way_.front().end <= delivered_) {
        const std::size_t request = under_way_.front().request;
        under_way_.pop_front();
        serve(request);
    }
}

void net_wire::serve(std::size_t request)
{
    const network_shape& shape = ground_.shape();
    note(seen::arrived, request);
    if (deaf_) {
        // In order: what was left out once is not done later.
        serves_unheard_ = serves_unheard_ && ground_.random.chance(shape.served_unheard);
        if (serves_unheard_)
            ground_.api.serve_unheard(request);
        return;
    }
    ++served_;
    const bool is_last = shape.requests_max > 0 && served_ >= shape.requests_max;
    api_answer given = ground_.api.answer(request, is_last && shape.announces_last);
    if (is_last && given.then == api_answer::ending::keep)
        given.then = api_answer::ending::close;
    reply(request, std::move(given));
}

void net_wire::reply(std::size_t request, api_answer given)
{
    // Requests of one connection are worked on side by side, and answered in order.
    free_at_ = std::max(free_at_, ground_.clock.mono() + given.think);
    // A server that has said that it closes does nothing more.
    if (given.announces_end)
        serves_unheard_ = false;
    if (!is_client_gone()) {
        const std::size_t size = given.bytes.size();
        const std::uint64_t end = down_base_ + down_.size() + size;
        if (given.status != 0 || given.spoils)
            marks_.push_back(
                {.end = end,
                 .request = request,
                 .whole = given.whole,
                 .needs_end = given.needs_end,
                 .spoils = given.spoils,
                 .announces_end = given.announces_end,
                 .surplus = std::move(given.surplus)}
            );
        send_down(given.bytes);
    }
    switch (given.then) {
        case api_answer::ending::keep:
            break;
        case api_answer::ending::close:
            end_server(free_at_, ground_.mishap_chance(ground_.shape().ends_rudely));
            break;
        case api_answer::ending::reset:
            end_server(free_at_, true);
            break;
        case api_answer::ending::stall:
            deaf_ = true;
            break;
    }
}

void net_wire::send_down(std::string_view bytes)
{
    down_ += bytes;
    const std::uint64_t end = down_base_ + down_.size();
    std::uint64_t upto = end - bytes.size();
    mono_time leaving = free_at_;
    while (upto < end) {
        std::uint64_t size = end - upto;
        if (size > 1 && ground_.random.chance(ground_.shape().splits))
            size = 1 + ground_.random.below(size);
        upto += size;
        down_at_ = std::max(down_at_, ground_.arrival(leaving));
        ground_.clock.at(down_at_, [this, upto] { arrive_down(upto); });
        leaving += 1us;
    }
}

void net_wire::arrive_down(std::uint64_t upto)
{
    if (is_client_gone() || end_arrived_)
        return;
    down_arrived_ = std::max(down_arrived_, upto);
    if (ground_.shape().read_lag.count() > 0)
        wait_to_look();
    else if (!looking_)
        look();
}

// The server answers nothing more; the client hears of it behind all that was said before.
void net_wire::end_server(mono_time leaving, bool rudely)
{
    deaf_ = true;
    if (is_client_gone())
        return;
    ends_rudely_ = rudely;
    down_at_ = std::max(down_at_, ground_.arrival(leaving));
    at(down_at_, &net_wire::arrive_end);
}

void net_wire::arrive_end()
{
    if (is_client_gone())
        return;
    end_arrived_ = true;
    clean_end_ = !ends_rudely_ && !ground_.mishap_chance(ground_.shape().ends_unclean);
    if (ends_rudely_ && ground_.random.chance(ground_.shape().reset_loses_unread)) {
        down_arrived_ = down_read_;
        marks_.clear();
        awaits_end_ = false;
    }
    wait_to_look();
}

}  // namespace reaper::test
