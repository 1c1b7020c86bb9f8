#include "reaper/daemon/service.hpp"

#include "reaper/io/https_connection.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/rt/clocks.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <utility>

namespace reaper {

namespace asio = boost::asio;

service::service(conductor::setup from)
    : watch_(io_, from.spool.paths, [this](const watch_event& event) { conductor_.hint(event); }),
      conductor_(std::move(from), *this)
{
}

service::~service() = default;

int service::run()
{
    watch_signals();
    if (!conductor_.start())
        return static_cast<int>(exit_status::try_later);
    io_.run();
    return conductor_.status();
}

void service::watch_signals()
{
    std::signal(SIGPIPE, SIG_IGN);
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.add(SIGHUP);
    const auto wait = [this](const auto& self) -> void {
        signals_.async_wait([this, self](const boost::system::error_code& error, int signal) {
            if (error || ended_)
                return;  // the loop ends
            if (signal == SIGHUP)
                reload();
            else
                conductor_.stop();
            self(self);
        });
    };
    wait(wait);
}

void service::reload()
{
    conductor_.begin_reload();
    conductor_.reload(read_config(conductor_.config().file, conductor_.environment()));
}

void service::turn()
{
    // What happens from here on asks for another turn; one too many costs nothing.
    turn_posted_ = false;
    if (ended_)
        return;
    const mono_time next = conductor_.turn();
    if (conductor_.has_ended())
        end();
    else
        arm(next);
}

void service::arm(mono_time at)
{
    if (at <= clocks().mono) {
        wake();
        return;
    }
    if (at == mono_never || at == timer_.expiry())
        return;
    timer_.expires_at(at);
    timer_.async_wait([this](const boost::system::error_code& error) {
        // At once, where no turn is on its way: posted, it would cost the loop another round.
        if (!error && !turn_posted_)
            turn();
    });
}

// Nothing is left that could wake the loop: it returns by itself.
void service::end()
{
    ended_ = true;
    timer_.cancel();
    signals_.cancel();
    watch_.stop();
}

// --- what the conductor asks for

instant service::clocks()
{
    return read_clocks();
}

void service::wake()
{
    if (!std::exchange(turn_posted_, true))
        asio::post(io_, [this] { turn(); });
}

std::unique_ptr<connection> service::make(
    std::shared_ptr<tls_context> context, connection_target target, connection_events& events
)
{
    return std::make_unique<https_connection>(
        io_.get_executor(), std::move(context), std::move(target), events
    );
}

}  // namespace reaper
