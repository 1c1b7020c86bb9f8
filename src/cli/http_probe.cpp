#include "reaper/cli/http_probe.hpp"

#include "reaper/base/units.hpp"
#include "reaper/core/reply_parser.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <optional>
#include <utility>

namespace reaper {

namespace {

namespace asio = boost::asio;

class exchange final : public connection_events
{
public:
    exchange(
        asio::io_context& io,
        std::shared_ptr<tls_context> tls,
        connection_target target,
        const std::string& request,
        wall_time now
    )
        : request_(request),
          now_(now),
          deadline_(io),
          connection_(io.get_executor(), std::move(tls), std::move(target), *this)
    {
    }

    void start(duration timeout)
    {
        deadline_.expires_after(timeout);
        deadline_.async_wait([this, timeout](const boost::system::error_code& cancelled) {
            if (!cancelled)
                end(fault{"no answer within " + show_duration(timeout)});
        });
        connection_.open();
    }

    [[nodiscard]] result<answer> outcome() const
    {
        return outcome_.value_or(fault{"no answer came"});
    }

private:
    void connected() override { connection_.write(request_); }

    void connect_failed(std::string sentence) override { end(fault{std::move(sentence)}); }

    void received(std::string_view bytes) override
    {
        parser_.feed(bytes);
        take_answer();
    }

    void written() override {}

    void closed(std::string sentence, bool clean_eof) override
    {
        // An answer without a length ends where the connection does, if that end is a clean one.
        if (clean_eof) {
            parser_.finish();
            take_answer();
        }
        end(fault{"the connection was lost before the answer: " + sentence});
    }

    void take_answer()
    {
        if (const answer* got = parser_.next(now_))
            end(*got);
        else if (parser_.failure())
            end(fault{"the answer is not HTTP as it should be: " + parser_.failure()->sentence});
    }

    // The first end counts.
    void end(result<answer> how)
    {
        if (outcome_)
            return;
        outcome_ = std::move(how);
        deadline_.cancel();
        connection_.shut();
    }

    const std::string& request_;
    wall_time now_;
    asio::steady_timer deadline_;
    reply_parser parser_;
    std::optional<result<answer>> outcome_;
    https_connection connection_;
};

}  // namespace

result<answer> request_once(
    connection_target target,
    std::shared_ptr<tls_context> tls,
    const std::string& request,
    duration timeout,
    wall_time now
)
{
    asio::io_context io(1);
    exchange one(io, std::move(tls), std::move(target), request, now);
    one.start(timeout);
    io.run();
    return one.outcome();
}

}  // namespace reaper
