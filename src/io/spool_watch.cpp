#include "reaper/io/spool_watch.hpp"

#include <boost/asio/buffer.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace reaper {

namespace {

// Not IN_MODIFY: a slow writer would make an event of every write, and settling polls it anyway.
// IN_ATTRIB: rights may have been mended, or a second link removed.
constexpr std::uint32_t folder_events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB;
constexpr std::uint32_t control_events = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t always =
    IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t lost = IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT;

}  // namespace

spool_watch::spool_watch(boost::asio::io_context& io, spool_paths spool, handler on_event)
    : spool_(std::move(spool)), on_event_(std::move(on_event)), inotify_(io)
{
}

spool_watch::~spool_watch()
{
    stop();
}

void spool_watch::stop()
{
    *running_ = false;
    boost::system::error_code ignored;  // closing what is closed is no failure
    inotify_.close(ignored);
    places_.clear();
}

bool spool_watch::open()
{
    if (inotify_.is_open())
        return true;
    const int file = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (file < 0) {
        trouble_ = system_fault("no file events, the folders are polled").sentence;
        return false;
    }
    boost::system::error_code failed;
    inotify_.assign(file, failed);
    if (failed) {
        ::close(file);
        trouble_ = "no file events, the folders are polled: " + failed.message();
        return false;
    }
    read_next();
    return true;
}

void spool_watch::watch(const std::vector<std::string>& accounts)
{
    trouble_.clear();
    if (!*running_ || !open())
        return;
    const auto before = std::exchange(places_, {});
    add(spool_.incoming, folder_events, {});
    add(spool_.control, control_events, {.is_control = true, .account = {}});
    for (const auto& account : accounts)
        add(spool_.folder_of(account), folder_events, {.is_control = false, .account = account});
    // The kernel gives a directory that is watched already the number that it has: what is left
    // over is no longer wanted.
    for (const auto& [id, where] : before) {
        if (!places_.contains(id))
            ::inotify_rm_watch(inotify_.native_handle(), id);
    }
}

void spool_watch::add(const std::string& directory, std::uint32_t events, place where)
{
    const int id =
        ::inotify_add_watch(inotify_.native_handle(), directory.c_str(), events | always);
    if (id >= 0)
        places_[id] = std::move(where);
    else
        trouble_ = system_fault("no file events for " + directory + ", it is polled").sentence;
}

void spool_watch::read_next()
{
    auto running = running_;
    inotify_.async_read_some(
        boost::asio::buffer(buffer_),
        [this, running](const boost::system::error_code& failed, std::size_t size) {
            if (!*running)
                return;  // stopped, and `this` may be gone
            if (failed) {
                // Start afresh with the next watch(), which the periodic scan brings at the latest.
                boost::system::error_code ignored;
                inotify_.close(ignored);
                places_.clear();
                trouble_ = "no file events, the folders are polled: " + failed.message();
                on_event_(watch_event{});
                return;
            }
            take({buffer_.data(), size});
            if (*running && inotify_.is_open())
                read_next();
        }
    );
}

void spool_watch::take(std::string_view bytes)
{
    const auto running = running_;
    while (bytes.size() >= sizeof(inotify_event)) {
        inotify_event event = {};
        std::memcpy(&event, bytes.data(), sizeof event);
        if (bytes.size() < sizeof event + event.len)
            return;
        // The name is padded with NULs.
        std::string_view name = bytes.substr(sizeof event, event.len);
        name = name.substr(0, name.find('\0'));
        take_one(event.wd, event.mask, name);
        if (!*running)
            return;  // the handler stopped us
        bytes.remove_prefix(sizeof event + event.len);
    }
}

void spool_watch::take_one(int watch_id, std::uint32_t mask, std::string_view name)
{
    if ((mask & IN_Q_OVERFLOW) != 0) {
        on_event_(watch_event{});
        return;
    }
    const auto found = places_.find(watch_id);
    if (found == places_.end())
        return;  // of a watch that was given up
    if ((mask & lost) != 0) {
        ::inotify_rm_watch(inotify_.native_handle(), watch_id);
        places_.erase(found);
        on_event_(watch_event{});
        return;
    }
    const place where = found->second;
    if (where.is_control) {
        if (name.empty() || name.front() != '.')
            on_event_({watch_event::what::control, {}, std::string{name}});
        return;
    }
    // Hidden files are in the making, or claims of our own.
    if (name.empty() || name.front() == '.')
        return;
    const bool renamed = (mask & IN_MOVED_TO) != 0 && (mask & IN_ISDIR) == 0;
    on_event_(
        {renamed ? watch_event::what::renamed_in : watch_event::what::changed,
         where.account,
         std::string{name}}
    );
}

}  // namespace reaper
