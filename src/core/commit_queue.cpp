#include "reaper/core/commit_queue.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reaper {

void commit_queue::append(std::size_t bytes, outcome o, mono_time now)
{
    if (fresh_.size() == 0)
        oldest_ = now;
    // At a slow pace that would be a wake-up for the sync alone, right behind that for the answer.
    else if (now >= oldest_ + sync_after_ - sync_after_ / 10)
        expedite();
    fresh_.added(bytes);
    ++counts_[o];
}

mono_time commit_queue::due_at() const
{
    if (syncing_ || fresh_.size() == 0)
        return mono_never;
    const bool at_once = expedited_ || fresh_.size() >= sync_bytes;
    return std::max(at_once ? mono_time{} : oldest_ + sync_after_, retry_at_);
}

commit_queue::batch commit_queue::begin_sync()
{
    assert(!syncing_ && covered_.size() == 0);
    syncing_ = true;
    expedited_ = false;
    std::swap(covered_, fresh_);
    covered_counts_ = counts_;
    return batch{.offset = durable_bytes_, .bytes = covered_.view()};
}

void commit_queue::synced()
{
    assert(syncing_);
    syncing_ = false;
    durable_bytes_ += covered_.size();
    durable_ = covered_counts_;
    covered_.clear();
    retry_at_ = {};
}

void commit_queue::failed(mono_time retry_at)
{
    assert(syncing_);
    syncing_ = false;
    // What came meanwhile goes behind what is to be written again.
    const std::string_view later = fresh_.view();
    std::copy(later.begin(), later.end(), covered_.room(later.size()));
    covered_.added(later.size());
    fresh_.clear();
    std::swap(covered_, fresh_);
    retry_at_ = retry_at;
}

}  // namespace reaper
