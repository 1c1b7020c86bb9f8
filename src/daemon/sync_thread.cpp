#include "reaper/daemon/sync_thread.hpp"

#include <boost/asio/post.hpp>

#include <csignal>
#include <system_error>
#include <utility>

namespace reaper {

namespace asio = boost::asio;

sync_thread::~sync_thread()
{
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void sync_thread::sync(shared_fd file, ended then)
{
    if (!start()) {
        then(sync_data(file->get()));
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request{std::move(file), std::move(then), asio::make_work_guard(loop_)}
        );
    }
    changed_.notify_one();
}

bool sync_thread::start()
{
    if (thread_.joinable())
        return true;
    // Signals are the loop's.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        // Too many threads, or no memory for one: tried again with the next sync.
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread_.joinable();
}

void sync_thread::work()
{
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !requests_.empty(); });
        if (ending_)
            return;
        request next = std::move(requests_.front());
        requests_.pop_front();
        lock.unlock();

        const int error = sync_data(next.file->get());
        asio::post(loop_, [next = std::move(next), error] { next.then(error); });
    }
}

}  // namespace reaper
