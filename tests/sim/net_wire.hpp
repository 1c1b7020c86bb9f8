#pragma once
// One connection of the modelled network, with both its ends: the client's (what the daemon sees),
// and the server's (who asks the API what to answer). Bytes are never lost or changed on the way,
// only late, in pieces, or cut off at the end of the connection.

#include "net_model.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

class net_wire
{
public:
    net_wire(net_ground& ground, std::uint64_t number, connection_events& events, duration timeout);

    net_wire(const net_wire&) = delete;
    net_wire& operator=(const net_wire&) = delete;

    // What the daemon calls.
    void open();
    void write(std::string_view bytes);
    // The client is gone, politely or not.
    void leave();

private:
    enum class phase
    {
        idle,
        dialling,
        open,
        over,
    };

    enum class seen : std::uint8_t  // for the trace
    {
        connected,
        failed,
        wrote,
        written,
        received,
        closed,
        left,
        arrived,
    };

    // A request on its way to the server.
    struct sent_request
    {
        std::uint64_t end = 0;  // of its bytes, in all that was written
        std::size_t request = 0;
    };

    // Where an answer ends in all that the server sends.
    struct answer_mark
    {
        std::uint64_t end = 0;
        std::size_t request = 0;
        bool whole = true;
        bool needs_end = false;
        bool spoils = false;
        bool announces_end = false;
        std::string surplus{};
    };

    void note(seen what, std::uint64_t detail = 0);
    void at(mono_time when, void (net_wire::*step)());
    void violate(const std::string& what);

    // net_wire.cpp: the client's end
    void connect();
    void fail_to_connect(std::string sentence);
    void read_requests(std::string_view bytes);
    void send_up(std::size_t bytes);
    void finish_write();
    void look();  // at what has arrived
    void wait_to_look();
    void hand_over();
    void pass_marks();
    [[nodiscard]] bool is_all_answered() const;
    void send_surplus();
    void end_client();

    // net_server.cpp: the server's end
    void accept();
    void arrive_up(std::uint64_t upto);
    void serve(std::size_t request);
    void reply(std::size_t request, api_answer given);
    void send_down(std::string_view bytes);
    void arrive_down(std::uint64_t upto);
    void end_server(mono_time leaving, bool rudely);
    void arrive_end();
    void look_for_idleness();

    [[nodiscard]] bool is_client_gone() const { return client_ == nullptr; }

    net_ground& ground_;
    const std::uint64_t number_;
    const duration timeout_;

    // The client's end.
    connection_events* client_;  // null: nobody is to hear anything any more
    phase phase_ = phase::idle;
    bool writing_ = false;
    bool looking_ = false;  // an event is under way to
    std::uint64_t requests_ = 0;
    std::uint64_t answers_ = 0;  // read
    bool clean_reply_ = false;   // one of them was
    bool spoilt_ = false;        // what was read obliges the client to close
    bool ceases_ = false;        // the server has said that it closes
    bool awaits_end_ = false;    // the last answer read is complete when the server is done
    std::size_t awaiting_ = 0;   // whose it is

    // On the way up. Offsets count all bytes of the connection.
    std::uint64_t written_ = 0;
    std::uint64_t upmost_ = 0;  // what can still arrive, once the client has left
    std::uint64_t delivered_ = 0;
    mono_time up_at_{};  // when the last piece arrives
    std::deque<sent_request> under_way_;

    // The server's end.
    bool deaf_ = false;           // it answers nothing any more
    bool serves_unheard_ = true;  // but may do what it is asked
    unsigned served_ = 0;
    mono_time free_at_{};  // when the last answer leaves

    // On the way down. `down_` holds what the client has not read yet, and a little more.
    std::string down_;
    std::uint64_t down_base_ = 0;  // where it begins in all that the server sends
    std::uint64_t down_read_ = 0;
    std::uint64_t down_arrived_ = 0;
    mono_time down_at_{};
    std::deque<answer_mark> marks_;
    std::string surplus_;
    bool ends_rudely_ = false;
    bool end_arrived_ = false;
    bool clean_end_ = false;
};

}  // namespace reaper::test
