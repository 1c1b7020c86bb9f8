#pragma once
// Makes what was written to files durable. A disk may take ten milliseconds for it, in which the
// event loop could send and read a thousand answers: so it asks, and hears later.

#include "reaper/io/file_ops.hpp"

#include <functional>
#include <memory>

namespace reaper {

// A descriptor that stays open until the last who needs it has done.
using shared_fd = std::shared_ptr<const unique_fd>;

// fdatasync(): 0, or the errno.
[[nodiscard]] int sync_data(int descriptor);

class syncer
{
public:
    // 0, or the errno.
    using ended = std::function<void(int)>;

    // Makes durable what was written before the call; more may be. `then` is called on the caller's
    // thread: before sync() returns, or later. Whoever asks twice for one file hears in that order.
    virtual void sync(shared_fd file, ended then) = 0;

protected:
    ~syncer() = default;
};

}  // namespace reaper
