#pragma once
// A client of the modelled network that holds it to the contract of connection_events, and keeps
// what it hears.

#include "net_model.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace reaper::test {

// The bytes of a deletion in the one form that the API takes.
inline std::string deletion_text(
    const std::string& token, const std::string& key = "KEY", const std::string& rest = "rest"
)
{
    return "POST /1.1/" + key + "/campaigns/delete/" + token +
           " HTTP/1.1\r\nHost: api.example\r\nX-Authorization: " + rest +
           "\r\nUser-Agent: campaign-reaper/0\r\nContent-Type: application/json\r\n"
           "Content-Length: 0\r\n\r\n";
}

class net_client final : public connection_events
{
public:
    enum class state
    {
        dialling,
        open,
        failed,
        closed,
        shut,
    };

    explicit net_client(net_model& net, connection_target target = {})
        : link_(std::make_unique<net_connection>(net, *this, target))
    {
        inside_ = true;
        link_->open();
        inside_ = false;
    }

    void write(const std::string& bytes)
    {
        EXPECT_FALSE(std::exchange(writing, true));
        const bool was_inside = std::exchange(inside_, true);
        link_->write(bytes);
        inside_ = was_inside;
    }

    // Even from inside of an event.
    void shut(bool destroy)
    {
        is = state::shut;
        const bool was_inside = std::exchange(inside_, true);
        if (destroy)
            link_.reset();
        else
            link_->shut();
        inside_ = was_inside;
    }

    void connected() override
    {
        happen(state::dialling, [&] { is = state::open; });
    }

    void connect_failed(std::string what) override
    {
        happen(state::dialling, [&] {
            is = state::failed;
            sentence = std::move(what);
        });
    }

    void received(std::string_view bytes) override
    {
        EXPECT_FALSE(bytes.empty());
        happen(state::open, [&] {
            heard += bytes;
            ++pieces;
        });
    }

    void written() override
    {
        EXPECT_TRUE(std::exchange(writing, false));
        happen(state::open, [] {});
    }

    void closed(std::string what, bool clean_eof) override
    {
        happen(state::open, [&] {
            is = state::closed;
            sentence = std::move(what);
            clean = clean_eof;
        });
    }

    state is = state::dialling;
    bool writing = false;
    std::string heard;
    std::size_t pieces = 0;
    std::string sentence;
    bool clean = false;
    std::function<void()> on_event = [] {};

private:
    template <typename Change>
    void happen(state expected, Change change)
    {
        EXPECT_FALSE(inside_) << "an event from inside a call";
        EXPECT_EQ(is, expected);
        change();
        on_event();
    }

    std::unique_ptr<net_connection> link_;
    bool inside_ = false;  // of a call
};

}  // namespace reaper::test
