#include "sim/disk_content.hpp"

#include <algorithm>
#include <utility>

namespace reaper::test {

namespace {

constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t sector_bytes = 512;

void put(std::string& bytes, std::uint64_t offset, std::string_view fresh)
{
    if (bytes.size() < offset + fresh.size())
        bytes.resize(offset + fresh.size());
    bytes.replace(offset, fresh.size(), fresh);
}

}  // namespace

void disk_content::write(std::uint64_t offset, std::string_view fresh)
{
    while (!fresh.empty()) {
        const auto piece = fresh.substr(0, page_bytes - offset % page_bytes);
        write_within_page(offset, piece);
        offset += piece.size();
        fresh.remove_prefix(piece.size());
    }
}

void disk_content::write_within_page(std::uint64_t offset, std::string_view fresh)
{
    if (any_abandoned_)
        revive(offset / page_bytes);
    change& made = changes_.emplace_back();
    made.is_write = true;
    made.offset = offset;
    made.fresh = fresh;
    if (offset < size())
        made.old = bytes_.substr(offset, fresh.size());
    put(bytes_, offset, fresh);
    made.size_after = size();
}

// The page is dirty again as a whole, with what the failed sync left in it.
void disk_content::revive(std::uint64_t page)
{
    for (change& each : changes_) {
        if (each.offset / page_bytes == page)
            each.is_abandoned = false;
    }
}

void disk_content::resize(std::uint64_t new_size)
{
    if (new_size == size())
        return;
    change& made = changes_.emplace_back();
    made.is_write = false;
    made.offset = std::min(new_size, size());
    made.size_after = new_size;
    made.old = bytes_.substr(made.offset);
    bytes_.resize(new_size);
}

void disk_content::sync()
{
    durable_size_ = size();
    if (!any_abandoned_) {
        changes_.clear();
        return;
    }
    std::erase_if(changes_, [this](const change& each) {
        return !each.is_abandoned || each.offset >= size();
    });
    any_abandoned_ = !changes_.empty();
}

void disk_content::fail_sync()
{
    // Its size and its cuts are metadata: they stay due, and the next sync brings them.
    for (change& each : changes_) {
        each.is_abandoned = each.is_abandoned || each.is_write;
        any_abandoned_ = any_abandoned_ || each.is_abandoned;
    }
}

std::string disk_content::durable_bytes() const
{
    std::string bytes = bytes_;
    for (auto each = changes_.rbegin(); each != changes_.rend(); ++each) {
        // Where the file did not reach before, NULs stand until its size says how far it goes.
        const auto end = each->offset + (each->is_write ? each->fresh.size() : each->old.size());
        if (bytes.size() < end)
            bytes.resize(end);
        if (each->is_write)
            std::fill_n(
                bytes.begin() + static_cast<std::ptrdiff_t>(each->offset), each->fresh.size(), '\0'
            );
        bytes.replace(each->offset, each->old.size(), each->old);
    }
    bytes.resize(durable_size_);
    return bytes;
}

void disk_content::crash(survival how, dice& chance)
{
    if (!is_durable()) {
        std::string base = durable_bytes();
        // What a failed sync abandoned is in memory only, and the power is gone.
        std::erase_if(changes_, [](const change& each) { return each.is_abandoned; });
        const auto style = how == survival::lost ? 0 : how == survival::kept ? 1 : chance.below(6);
        if (changes_.empty() || style == 0) {
            bytes_ = std::move(base);
        } else if (style == 1) {
            for (const change& each : changes_) {
                if (each.is_write)
                    put(base, each.offset, each.fresh);
                else
                    base.resize(each.size_after);
            }
            bytes_ = std::move(base);
        } else if (style < 4) {
            bytes_ = replay_torn(std::move(base), chance);
        } else {
            bytes_ = replay_scattered(std::move(base), chance);
        }
    }
    changes_.clear();
    any_abandoned_ = false;
    durable_size_ = size();
}

// All changes up to one, of which a part got there.
std::string disk_content::replay_torn(std::string base, dice& chance) const
{
    const auto torn = chance.below(changes_.size());
    for (std::size_t i = 0; i < torn; ++i) {
        if (changes_[i].is_write)
            put(base, changes_[i].offset, changes_[i].fresh);
        else
            base.resize(changes_[i].size_after);
    }
    const change& last = changes_[torn];
    if (!last.is_write)
        return base;
    auto length = chance.below(last.fresh.size() + 1);
    if (!chance.one_in(8)) {
        const auto end = (last.offset + length) / sector_bytes * sector_bytes;
        length = end > last.offset ? end - last.offset : 0;
    }
    put(base, last.offset, std::string_view(last.fresh).substr(0, length));
    if (chance.one_in(2))
        base.resize(std::max<std::uint64_t>(base.size(), last.offset + last.fresh.size()));
    return base;
}

// Each sector of each write, or not.
std::string disk_content::replay_scattered(std::string base, dice& chance) const
{
    std::uint64_t end = base.size();
    for (const change& each : changes_) {
        if (!each.is_write) {
            if (chance.one_in(2))
                break;
            base.resize(each.size_after);
            end = each.size_after;
            continue;
        }
        std::string_view rest = each.fresh;
        for (std::uint64_t offset = each.offset; !rest.empty();) {
            const auto sector = rest.substr(0, sector_bytes - offset % sector_bytes);
            if (chance.one_in(2))
                put(base, offset, sector);
            offset += sector.size();
            rest.remove_prefix(sector.size());
        }
        end = std::max(end, each.offset + each.fresh.size());
    }
    if (chance.one_in(2) && base.size() < end)
        base.resize(end);
    return base;
}

}  // namespace reaper::test
