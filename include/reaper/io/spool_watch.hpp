#pragma once
// inotify on incoming/, the accounts' folders and control/ (SPEC 3). A hint only: it makes the
// daemon prompt, never right. Whatever goes wrong here costs promptness, for polling alone
// suffices.

#include "reaper/io/spool.hpp"
#include "reaper/io/watch_event.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

class spool_watch
{
public:
    using handler = std::function<void(const watch_event&)>;

    // `on_event` is called from the io_context, never from within a call to this class.
    spool_watch(boost::asio::io_context& io, spool_paths spool, handler on_event);
    ~spool_watch();
    spool_watch(const spool_watch&) = delete;
    spool_watch& operator=(const spool_watch&) = delete;

    // Watches these accounts' folders, and no others any more. Call it, then scan: what arrives in
    // between is in both. Again after a reload, and after each `rescan` and each periodic scan: it
    // adds only what is missing.
    void watch(const std::vector<std::string>& accounts);

    // Why there are no or not all events, or empty. Then polling does it alone.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    // No event comes after this. May be called from the handler.
    void stop();

private:
    struct place
    {
        bool is_control = false;
        std::string account;
    };

    bool open();
    void add(const std::string& directory, std::uint32_t events, place where);
    void read_next();
    void take(std::string_view bytes);
    void take_one(int watch_id, std::uint32_t mask, std::string_view name);

    spool_paths spool_;
    handler on_event_;
    // Shared with the pending read, which may outlive this object by one turn of the loop.
    std::shared_ptr<bool> running_ = std::make_shared<bool>(true);
    boost::asio::posix::stream_descriptor inotify_;
    std::map<int, place> places_;  // by watch descriptor
    std::string trouble_;
    alignas(8) std::array<char, 16 * 1024> buffer_{};
};

}  // namespace reaper
