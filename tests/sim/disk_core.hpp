#pragma once
// What the modelled disk's calls share: the tree, the space, the clock, and what happens before
// each call (counting, the hook, faults).

#include "sim/dice.hpp"
#include "sim/disk_faults.hpp"
#include "sim/disk_tree.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace reaper::test {

struct disk_settings
{
    std::uint64_t seed = 1;
    std::uint64_t capacity = std::uint64_t{1} << 30U;  // bytes, in pages of 4 KiB
    std::string root = "/sim";                         // modelled are this directory and all below
    std::size_t descriptors_max = 1024;                // beyond them: EMFILE
};

struct disk_core
{
    explicit disk_core(disk_settings chosen);

    // Before each call. Once the process is dead every call fails with EIO and does nothing.
    //
    // The hook may throw, and what it throws ends the process: it passes through the call to
    // whoever drives the process. But glibc declares many calls `noexcept` (rename, unlink, stat
    // ...), and through those nothing can be thrown: then the call fails, and the next one that can
    // throws.
    [[nodiscard]] verdict enter(call_kind kind, std::string_view path);

    // The process is no more, although its code may still run to its end.
    void die() { dead = true; }

    // A new process may use the disk.
    void revive();

    // Whether a path belongs to the model.
    [[nodiscard]] bool owns(std::string_view path) const;

    // Looks an absolute path of the model up; 0 or an errno. A symlink as the last name is followed
    // once, if `follow`.
    [[nodiscard]] int find(std::string_view path, bool follow, tree_place& found) const;

    [[nodiscard]] std::int64_t now_ns() const;
    void touch(inode& node) const;  // its content or entries were changed
    [[nodiscard]] std::uint64_t free_bytes() const;

    // Brings the space that a file takes up to date with its size, its reserve, and whether anybody
    // can still see it.
    void charge(inode& node);
    void charge_all();

    // Up to where the file may grow as long as nobody else takes the space.
    [[nodiscard]] std::uint64_t growth_end(const inode& node) const;

    void new_boot_id();

    disk_settings settings;
    disk_tree tree;
    disk_faults faults;
    dice chance;
    inode_ptr boot_id;  // what /proc says: another one after each power cut
    std::uint64_t used = 0;
    std::uint64_t calls = 0;
    bool dead = false;
    std::exception_ptr owed;  // to be thrown by the next call that can
    std::function<std::int64_t()> clock;
    std::function<void(call_kind, std::string_view)> hook;
    std::chrono::nanoseconds sync_time{};
    std::function<void(std::chrono::nanoseconds)> pass_time;
};

inline constexpr std::uint64_t disk_page_bytes = 4096;

[[nodiscard]] constexpr std::uint64_t whole_pages(std::uint64_t bytes)
{
    return (bytes + disk_page_bytes - 1) / disk_page_bytes * disk_page_bytes;
}

}  // namespace reaper::test
