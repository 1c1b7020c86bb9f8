#pragma once
// For objects whose asynchronous handlers may run after what they belong to is over.

#include <cstdint>
#include <memory>
#include <utility>

namespace reaper {

template <class Self>
class attempts : public std::enable_shared_from_this<Self>
{
protected:
    // A handler that keeps the object alive, and does nothing if its attempt is over by then.
    template <class Handler>
    auto guarded(Handler handler)
    {
        return [self = this->shared_from_this(), number = number_, handler](auto&&... results) {
            if (number == self->number_)
                handler(std::forward<decltype(results)>(results)...);
        };
    }

    // From here on the handlers of the attempt before do nothing.
    void end_attempt() { ++number_; }

private:
    std::uint64_t number_ = 0;
};

}  // namespace reaper
