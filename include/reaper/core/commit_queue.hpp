#pragma once
// The results of one job on their way to the disk: queued, written, durable. They are kept until
// they are durable, so that a failed write or sync can be done again from the last durable byte:
// after a failed fsync nothing that it covered may be trusted (lessons.md, Postfix: acknowledge
// after fsync). Whoever asks what is known asks for the durable counts.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reaper {

class commit_queue
{
public:
    // `durable_bytes` and `durable` are what recovery found on disk.
    commit_queue(duration sync_after, std::uint64_t durable_bytes, const outcome_counts& durable)
        : sync_after_(sync_after),
          durable_bytes_(durable_bytes),
          durable_(durable),
          counts_(durable)
    {
    }

    // Queues an encoded record.
    void append(std::string_view encoded, outcome o, mono_time now);

    // When a sync is due: 50 ms or 256 KiB after the first record that is not durable (SPEC 5),
    // with a record that comes shortly before that, at once after expedite(), and not before the
    // back-off after a failure. mono_never while nothing is to be done or a sync is under way.
    [[nodiscard]] mono_time due_at() const;

    void expedite() { expedited_ = true; }

    // What to write, and where; then sync, then say how it ended.
    struct batch
    {
        std::uint64_t offset = 0;
        std::string_view bytes;  // valid until the next append() or end of the sync
    };

    [[nodiscard]] batch begin_sync();
    void synced();
    // Everything that is not durable is to be written again, not before `retry_at`.
    void failed(mono_time retry_at);

    [[nodiscard]] bool is_durable() const { return pending_.empty(); }

    [[nodiscard]] bool syncing() const { return syncing_; }

    [[nodiscard]] std::uint64_t durable_bytes() const { return durable_bytes_; }

    [[nodiscard]] std::uint64_t end() const { return durable_bytes_ + pending_.size(); }

    [[nodiscard]] std::size_t pending_bytes() const { return pending_.size(); }

    [[nodiscard]] const outcome_counts& durable() const { return durable_; }

    [[nodiscard]] const outcome_counts& counts() const { return counts_; }

private:
    static constexpr std::size_t sync_bytes = 256 * 1024;

    duration sync_after_;
    std::uint64_t durable_bytes_;
    outcome_counts durable_;
    outcome_counts counts_;   // durable or not
    outcome_counts covered_;  // by the sync under way
    std::string pending_;     // from durable_bytes_ on
    std::size_t covered_bytes_ = 0;
    bool syncing_ = false;
    bool expedited_ = false;
    mono_time oldest_{};    // when the first record not covered by a sync came
    mono_time retry_at_{};  // after a failure
};

}  // namespace reaper
