#pragma once
// A helper thread of the daemon: it syncs, and does nothing else. It is given a descriptor and
// gives back an errno; everything that these mean stays on the event loop.

#include "reaper/io/syncer.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace reaper {

class sync_thread final : public syncer
{
public:
    // Answers are posted to `loop`, which does not return from run() while one is owed.
    explicit sync_thread(boost::asio::io_context& loop) : loop_(loop) {}

    // Waits for the sync under way. Answers that were not delivered are dropped.
    ~sync_thread();

    sync_thread(const sync_thread&) = delete;
    sync_thread& operator=(const sync_thread&) = delete;

    // The thread starts with the first call. Where the system gives none, the loop waits for the
    // disk.
    void sync(shared_fd file, ended then) override;

private:
    struct request
    {
        shared_fd file;
        ended then;
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> owed;
    };

    [[nodiscard]] bool start();
    void work();

    boost::asio::io_context& loop_;
    std::mutex mutex_;  // of the two below
    std::deque<request> requests_;
    bool ending_ = false;
    std::condition_variable changed_;
    std::thread thread_;
};

}  // namespace reaper
