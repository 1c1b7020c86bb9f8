#include "reaper/core/commit_queue.hpp"

#include <algorithm>
#include <cassert>

namespace reaper {

void commit_queue::append(std::string_view encoded, outcome o, mono_time now)
{
    if (pending_.size() == covered_bytes_)
        oldest_ = now;
    // At a slow pace that would be a wake-up for the sync alone, right behind that for the answer.
    else if (now >= oldest_ + sync_after_ - sync_after_ / 10)
        expedite();
    pending_ += encoded;
    ++counts_[o];
}

mono_time commit_queue::due_at() const
{
    if (syncing_ || pending_.empty())
        return mono_never;
    const bool at_once = expedited_ || pending_.size() >= sync_bytes;
    return std::max(at_once ? mono_time{} : oldest_ + sync_after_, retry_at_);
}

commit_queue::batch commit_queue::begin_sync()
{
    assert(!syncing_);
    syncing_ = true;
    expedited_ = false;
    covered_bytes_ = pending_.size();
    covered_ = counts_;
    return batch{.offset = durable_bytes_, .bytes = pending_};
}

void commit_queue::synced()
{
    assert(syncing_);
    syncing_ = false;
    durable_bytes_ += covered_bytes_;
    durable_ = covered_;
    pending_.erase(0, covered_bytes_);
    covered_bytes_ = 0;
    retry_at_ = {};
}

void commit_queue::failed(mono_time retry_at)
{
    assert(syncing_);
    syncing_ = false;
    covered_bytes_ = 0;
    retry_at_ = retry_at;
}

}  // namespace reaper
