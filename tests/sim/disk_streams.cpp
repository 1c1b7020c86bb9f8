// Directory streams of the modelled disk. The order of the names is any: it depends on the names
// and the seed, and on nothing else.

#include "sim/disk_calls.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reaper::test {

namespace {

std::uint64_t place_of(std::string_view name, std::uint64_t seed)
{
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char each : name)
        hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3U;
    return dice::mix(hash ^ seed);
}

}  // namespace

bool disk_calls::is_stream(const void* handle) const
{
    return std::any_of(streams_.begin(), streams_.end(), [handle](const auto& each) {
        return each.get() == handle;
    });
}

DIR* disk_calls::open_stream(int file, int& failed)
{
    const open_file* const opened = at(file);
    failed = opened == nullptr ? EBADF : 0;
    if (failed == 0 && !S_ISDIR(opened->node->mode))
        failed = ENOTDIR;
    if (failed == 0)
        failed = core_.enter(call_kind::list, opened->path).error;
    if (failed != 0)
        return nullptr;
    streams_.push_back(std::make_unique<stream>(stream{.file = file}));
    return reinterpret_cast<DIR*>(streams_.back().get());
}

// What is there now. Names that come or go while it is read are as on any disk: maybe seen.
void disk_calls::list(stream& listing, const inode& directory) const
{
    listing.is_listed = true;
    std::vector<std::pair<std::uint64_t, std::string_view>> names;
    names.reserve(directory.entries.size() + 2);
    const auto seed = dice::mix(core_.settings.seed);
    for (const auto& [name, node] : directory.entries)
        names.emplace_back(place_of(name, seed), name);
    for (const std::string_view name : {".", ".."})
        names.emplace_back(place_of(name, seed), name);
    std::sort(names.begin(), names.end());
    listing.names.reserve(names.size());
    for (const auto& [place, name] : names)
        listing.names.emplace_back(name);
}

dirent* disk_calls::next_entry(DIR* handle, int& failed)
{
    auto& listing = *reinterpret_cast<stream*>(handle);
    failed = 0;
    if (!listing.is_listed) {
        const open_file* const opened = at(listing.file);
        failed = opened == nullptr ? EBADF : core_.enter(call_kind::list, opened->path).error;
        if (failed != 0)
            return nullptr;
        list(listing, *opened->node);
    }
    if (listing.next == listing.names.size())
        return nullptr;
    const std::string& name = listing.names[listing.next++];
    listing.entry.d_off = static_cast<off_t>(listing.next);
    listing.entry.d_type = DT_UNKNOWN;
    std::memcpy(&listing.entry.d_name[0], name.c_str(), name.size() + 1);
    return &listing.entry;
}

int disk_calls::descriptor_of(DIR* handle)
{
    return reinterpret_cast<stream*>(handle)->file;
}

int disk_calls::close_stream(DIR* handle)
{
    const auto listing = std::find_if(streams_.begin(), streams_.end(), [handle](const auto& each) {
        return static_cast<const void*>(each.get()) == handle;
    });
    const int file = (*listing)->file;
    streams_.erase(listing);
    return close(file);
}

}  // namespace reaper::test
