#pragma once
// The results of one job on their way to the disk: queued, written, durable. They are kept until
// they are durable, so that a failed write or sync can be done again from the last durable byte:
// after a failed fsync nothing that it covered may be trusted (lessons.md, Postfix: acknowledge
// after fsync). Whoever asks what is known asks for the durable counts.

#include "reaper/base/time.hpp"
#include "reaper/model/outcome.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

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

    // Where the next record is to be written, so many bytes at most; valid until the next call.
    [[nodiscard]] char* draft(std::size_t bytes_max) { return fresh_.room(bytes_max); }

    // Queues the record of so many bytes that was written to draft().
    void append(std::size_t bytes, outcome o, mono_time now);

    // When a sync is due: 50 ms or 256 KiB after the first record that is not durable (SPEC 5),
    // with a record that comes shortly before that, at once after expedite(), and not before the
    // back-off after a failure. mono_never while nothing is to be done or a sync is under way.
    [[nodiscard]] mono_time due_at() const;

    void expedite() { expedited_ = true; }

    // What to write, and where; then sync, then say how it ended.
    struct batch
    {
        std::uint64_t offset = 0;
        std::string_view bytes;  // valid until the end of the sync
    };

    [[nodiscard]] batch begin_sync();
    void synced();
    // Everything that is not durable is to be written again, not before `retry_at`.
    void failed(mono_time retry_at);

    [[nodiscard]] bool is_durable() const { return pending_bytes() == 0; }

    [[nodiscard]] bool syncing() const { return syncing_; }

    [[nodiscard]] std::uint64_t durable_bytes() const { return durable_bytes_; }

    [[nodiscard]] std::uint64_t end() const { return durable_bytes_ + pending_bytes(); }

    [[nodiscard]] std::size_t pending_bytes() const { return covered_.size() + fresh_.size(); }

    [[nodiscard]] const outcome_counts& durable() const { return durable_; }

    [[nodiscard]] const outcome_counts& counts() const { return counts_; }

private:
    static constexpr std::size_t sync_bytes = 256 * 1024;

    // Bytes that are written where they stay: room is made once for many records.
    class byte_run
    {
    public:
        [[nodiscard]] char* room(std::size_t bytes)
        {
            if (bytes_.size() - size_ < bytes)
                bytes_.resize(std::max(2 * bytes_.size(), size_ + bytes));
            return bytes_.data() + size_;
        }

        void added(std::size_t bytes) { size_ += bytes; }

        void clear() { size_ = 0; }

        [[nodiscard]] std::size_t size() const { return size_; }

        [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

    private:
        std::vector<char> bytes_;  // the first size_ of them mean something
        std::size_t size_ = 0;
    };

    duration sync_after_;
    std::uint64_t durable_bytes_;
    outcome_counts durable_;
    outcome_counts counts_;  // durable or not
    outcome_counts covered_counts_;
    byte_run covered_;  // by the sync under way: from durable_bytes_ on
    byte_run fresh_;    // behind them
    bool syncing_ = false;
    bool expedited_ = false;
    mono_time oldest_{};    // when the first record not covered by a sync came
    mono_time retry_at_{};  // after a failure
};

}  // namespace reaper
