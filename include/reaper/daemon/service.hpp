#pragma once
// The event loop of the daemon: one thread, one io_context. It gives the conductor its turns, and
// tells it of signals, of what happens in the spool and of syncs that have ended.

#include "reaper/app/conductor.hpp"
#include "reaper/daemon/sync_thread.hpp"
#include "reaper/io/spool_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace reaper {

class service final : private conductor_host, private connector
{
public:
    // `from.spool` is locked by us.
    explicit service(conductor::setup from);
    ~service();

    // Reads keys and lists. Sentences say what cannot be used; then do not run().
    [[nodiscard]] std::vector<std::string> prepare() { return conductor_.prepare(); }

    // Returns when a signal has drained it, or `once` is done: the exit status of SPEC 2.
    [[nodiscard]] int run();

private:
    void turn();
    void arm(mono_time at);
    void watch_signals();
    void reload();
    void end();

    // --- conductor_host
    [[nodiscard]] instant clocks() override;
    void wake() override;

    void watch(const std::vector<std::string>& accounts) override { watch_.watch(accounts); }

    [[nodiscard]] const std::string& watch_trouble() const override { return watch_.trouble(); }

    [[nodiscard]] connector& connections() override { return *this; }

    [[nodiscard]] syncer& syncs() override { return syncs_; }

    [[nodiscard]] syncer& mark_syncs() override { return mark_syncs_; }

    // --- connector
    [[nodiscard]] std::unique_ptr<connection> make(
        std::shared_ptr<tls_context> context, connection_target target, connection_events& events
    ) override;

    boost::asio::io_context io_{1};
    boost::asio::steady_timer timer_{io_};
    boost::asio::signal_set signals_{io_};
    bool turn_posted_ = false;
    // A handler that was queued before its timer was cancelled still runs: it must arm nothing.
    bool ended_ = false;

    spool_watch watch_;
    sync_thread syncs_{io_};
    sync_thread mark_syncs_{io_};
    conductor conductor_;
};

}  // namespace reaper
