#include "sim/disk_core.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace reaper::test {

namespace {

constexpr std::string_view boot_id_path = "/proc/sys/kernel/random/boot_id";
constexpr std::int64_t default_start_ns = 1'795'379'415'000'000'000;  // 2026-11-22T20:30:15Z

// What glibc does not declare noexcept: the cancellation points.
bool may_throw(call_kind kind)
{
    switch (kind) {
        case call_kind::open:
        case call_kind::read:
        case call_kind::write:
        case call_kind::sync:
        case call_kind::sync_range:
        case call_kind::reserve:
        case call_kind::list:
        case call_kind::lock:
        case call_kind::lease:
            return true;
        case call_kind::close:
        case call_kind::rename:
        case call_kind::link:
        case call_kind::unlink:
        case call_kind::make_directory:
        case call_kind::remove_directory:
        case call_kind::stat:
        case call_kind::resize:
        case call_kind::space:
        case call_kind::mode:
            return false;
    }
    return false;
}

}  // namespace

disk_core::disk_core(disk_settings chosen) : settings(std::move(chosen)), chance(settings.seed)
{
    boot_id = tree.make(S_IFREG | 0444);
    boot_id->links = 1;
    new_boot_id();
}

verdict disk_core::enter(call_kind kind, std::string_view path)
{
    constexpr verdict no_more{.error = EIO};
    if (dead) {
        // Code that runs because of an exception is on its way out already.
        if (owed && may_throw(kind) && std::uncaught_exceptions() == 0)
            std::rethrow_exception(std::exchange(owed, nullptr));
        return no_more;
    }
    if (kind == call_kind::close)
        return {};
    ++calls;
    if (hook) {
        try {
            hook(kind, path);
        } catch (...) {
            dead = true;
            if (may_throw(kind))
                throw;
            owed = std::current_exception();
        }
        if (dead)
            return no_more;
    }
    return faults.judge(kind, path);
}

void disk_core::revive()
{
    dead = false;
    owed = nullptr;
}

bool disk_core::owns(std::string_view path) const
{
    const std::string_view root = settings.root;
    if (path.starts_with(root))
        return path.size() == root.size() || path[root.size()] == '/';
    return path == boot_id_path;
}

int disk_core::find(std::string_view path, bool follow, tree_place& found) const
{
    if (path == boot_id_path) {
        found = {.directory = nullptr, .name = path, .node = boot_id};
        return 0;
    }
    path.remove_prefix(settings.root.size());
    const int failed = disk_tree::find(tree.root(), path, found);
    if (failed != 0 || !follow || found.node == nullptr || !S_ISLNK(found.node->mode))
        return failed;
    const std::string_view target = found.node->target;
    if (!owns(target)) {
        found.node = nullptr;  // a link that leads out of the model leads nowhere
        return 0;
    }
    return find(target, false, found);
}

std::int64_t disk_core::now_ns() const
{
    return clock ? clock() : default_start_ns + static_cast<std::int64_t>(calls) * 1000;
}

void disk_core::touch(inode& node) const
{
    node.modified_ns = node.changed_ns = now_ns();
}

std::uint64_t disk_core::free_bytes() const
{
    return settings.capacity - std::min(used, settings.capacity);
}

void disk_core::charge(inode& node)
{
    const bool is_seen = node.links != 0 || node.opens != 0;
    const auto end = std::max<std::uint64_t>(node.content.bytes().size(), node.reserved_end);
    used -= node.charged;
    node.charged = is_seen ? whole_pages(end) : 0;
    used += node.charged;
}

void disk_core::charge_all()
{
    used = 0;
    tree.for_each([](inode& node) { node.charged = 0; });
    tree.for_each([this](inode& node) { charge(node); });
}

std::uint64_t disk_core::growth_end(const inode& node) const
{
    return node.charged + free_bytes() / disk_page_bytes * disk_page_bytes;
}

void disk_core::new_boot_id()
{
    const auto high = chance.next();
    const auto low = chance.next();
    const auto text = fmt::format(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}\n",
        high >> 32U,
        (high >> 16U) & 0xffffU,
        high & 0xffffU,
        low >> 48U,
        low & 0xffff'ffff'ffffU
    );
    boot_id->content.write(0, text);
    boot_id->content.sync();
}

}  // namespace reaper::test
