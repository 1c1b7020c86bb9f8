#include "sandbox/outbox.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sandbox {
namespace {

constexpr std::chrono::milliseconds slow_interval(2);

}  // namespace

void outbox::add(std::optional<ledger_entry> entry, aftermath then, bool slow, mono_time due)
{
    if (!owed_.empty())
        due = std::max(due, owed_.back().due);
    const std::uint64_t end = base_ + bytes_.size();
    if (slow) {
        for (std::uint64_t byte = ends_at_ + 1; byte < end; ++byte) {
            owed_.push_back({byte, due, aftermath::serve, true, std::nullopt});
            due += slow_interval;
        }
    }
    ends_at_ = end;
    owed_.push_back({end, due, then, slow || then != aftermath::serve, std::move(entry)});
}

std::string_view outbox::writable(mono_time now)
{
    while (released_ < owed_.size() && owed_[released_].due <= now &&
           (released_ == 0 || !owed_[released_ - 1].alone))
        ++released_;
    if (released_ == 0)
        return {};
    const auto end = static_cast<std::size_t>(owed_[released_ - 1].end - base_);
    return std::string_view(bytes_).substr(written_, end - written_);
}

void outbox::wrote(std::size_t count, mono_time at)
{
    written_ += count;
    answered_at_ = at;
}

std::optional<settled_answer> outbox::take_settled(mono_time now)
{
    if (owed_.empty() || owed_.front().due > now || owed_.front().end > base_ + written_) {
        // Compaction: what was written is dropped once it is most of the buffer.
        if (written_ == bytes_.size() || written_ > bytes_.size() / 2 + 4096) {
            bytes_.erase(0, written_);
            base_ += written_;
            written_ = 0;
        }
        return std::nullopt;
    }

    owed_answer& front = owed_.front();
    settled_answer settled{std::move(front.entry), front.then};
    if (settled.entry)
        settled.entry->answered = answered_at_;
    owed_.pop_front();
    if (released_ > 0)
        --released_;
    return settled;
}

std::optional<mono_time> outbox::next_due() const
{
    if (released_ > 0 || owed_.empty())
        return std::nullopt;
    return owed_.front().due;
}

std::deque<ledger_entry> outbox::abandon()
{
    std::deque<ledger_entry> entries;
    for (auto& owed : owed_)
        if (owed.entry)
            entries.push_back(std::move(*owed.entry));
    *this = outbox();
    return entries;
}

}  // namespace sandbox
