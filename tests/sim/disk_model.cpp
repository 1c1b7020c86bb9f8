#include "sim/disk_model.hpp"

#include <cassert>
#include <stdexcept>
#include <utility>

namespace reaper::test {

namespace {

thread_local disk_model* active_model = nullptr;

[[noreturn]] void impossible(std::string_view what, std::string_view path)
{
    throw std::logic_error("modelled disk: " + std::string(what) + " " + std::string(path));
}

}  // namespace

disk_model::activation::activation(disk_model& model)
{
    assert(active_model == nullptr);
    active_model = &model;
}

disk_model::activation::~activation()
{
    active_model = nullptr;
}

disk_model::disk_model(disk_settings settings) : core_(std::move(settings)) {}

disk_model* disk_model::active()
{
    return active_model;
}

void disk_model::set_clock(std::function<std::int64_t()> wall_ns)
{
    core_.clock = std::move(wall_ns);
}

void disk_model::set_hook(std::function<void(call_kind, std::string_view path)> hook)
{
    core_.hook = std::move(hook);
}

void disk_model::set_sync_time(
    std::chrono::nanoseconds each, std::function<void(std::chrono::nanoseconds)> pass
)
{
    core_.sync_time = each;
    core_.pass_time = std::move(pass);
}

void disk_model::set_capacity(std::uint64_t bytes)
{
    core_.settings.capacity = bytes;
}

void disk_model::kill()
{
    posix_.forget_process();
    core_.revive();
    ++process_id_;
}

void disk_model::crash(survival how, std::optional<name_order> order)
{
    posix_.forget_process();
    core_.tree.crash(how, order, core_.chance);
    core_.charge_all();
    core_.new_boot_id();
    core_.revive();
    ++process_id_;
}

// --- other programs

tree_place disk_model::place_of(std::string_view path) const
{
    tree_place found;
    if (!core_.owns(path) || core_.find(path, false, found) != 0)
        impossible("no such place:", path);
    return found;
}

inode& disk_model::node_at(std::string_view path) const
{
    const auto found = place_of(path);
    if (found.node == nullptr)
        impossible("not there:", path);
    return *found.node;
}

inode& disk_model::put_node(std::string_view path, mode_t mode)
{
    const auto found = place_of(path);
    if (found.node != nullptr || found.directory == nullptr)
        impossible("in the way:", path);
    const auto made = core_.tree.make(mode);
    core_.tree.link(found.directory, found.name, made);
    core_.touch(*made);
    core_.touch(*found.directory);
    return *made;
}

void disk_model::settle(std::string_view path, durability lasts)
{
    if (lasts == durability::none)
        return;
    const auto found = place_of(path);
    if (found.node != nullptr)
        found.node->content.sync();
    core_.tree.sync(found.directory);
}

void disk_model::make_directories(std::string_view path, durability lasts)
{
    for (auto end = core_.settings.root.size(); end < path.size();) {
        end = std::min(path.find('/', end + 1), path.size());
        const auto part = path.substr(0, end);
        if (!exists(part)) {
            put_node(part, S_IFDIR | 0755);
            settle(part, lasts);
        }
    }
}

void disk_model::put_file(std::string_view path, std::string_view bytes, durability lasts)
{
    if (!exists(path))
        put_node(path, S_IFREG | 0644);
    inode& node = node_at(path);
    node.content.resize(0);
    append(path, bytes, lasts);
}

void disk_model::append(std::string_view path, std::string_view bytes, durability lasts)
{
    inode& node = node_at(path);
    node.content.write(node.content.bytes().size(), bytes);
    core_.touch(node);
    core_.charge(node);
    settle(path, lasts);
}

void disk_model::rename(std::string_view from, std::string_view to, durability lasts)
{
    const auto source = place_of(from);
    const auto target = place_of(to);
    if (source.node == nullptr || target.directory == nullptr)
        impossible("cannot be renamed:", from);
    core_.tree.rename(source, target);
    source.node->changed_ns = core_.now_ns();
    core_.touch(*source.directory);
    core_.touch(*target.directory);
    if (target.node != nullptr)
        core_.charge(*target.node);
    settle(to, lasts);
}

void disk_model::remove(std::string_view path, durability lasts)
{
    const auto found = place_of(path);
    if (found.node == nullptr || found.directory == nullptr || !found.node->entries.empty())
        impossible("cannot be removed:", path);
    core_.tree.unlink(found.directory, found.name);
    core_.touch(*found.directory);
    core_.charge(*found.node);
    settle(path, lasts);
}

void disk_model::hard_link(std::string_view from, std::string_view to)
{
    const auto source = place_of(from);
    const auto target = place_of(to);
    if (source.node == nullptr || target.node != nullptr || target.directory == nullptr)
        impossible("cannot be linked:", from);
    core_.tree.link(target.directory, target.name, source.node);
    source.node->changed_ns = core_.now_ns();
}

void disk_model::set_mode(std::string_view path, mode_t permissions)
{
    inode& node = node_at(path);
    node.mode = (node.mode & S_IFMT) | permissions;
}

void disk_model::put_symlink(std::string_view path, std::string_view target)
{
    put_node(path, S_IFLNK | 0777).target = target;
}

void disk_model::put_fifo(std::string_view path)
{
    put_node(path, S_IFIFO | 0644);
}

void disk_model::set_writer(std::string_view path, bool is_there)
{
    inode& node = node_at(path);
    if (!is_there && node.writers == 0)
        impossible("has no writer:", path);
    node.writers += is_there ? 1U : -1U;
}

bool disk_model::take_lock(std::string_view path)
{
    if (!exists(path))
        put_file(path, "");
    const void*& owner = node_at(path).lock_owner;
    if (owner != nullptr)
        return owner == &other_program_;
    owner = &other_program_;
    return true;
}

void disk_model::drop_lock(std::string_view path)
{
    const void*& owner = node_at(path).lock_owner;
    if (owner == &other_program_)
        owner = nullptr;
}

bool disk_model::exists(std::string_view path) const
{
    tree_place found;
    return core_.owns(path) && core_.find(path, false, found) == 0 && found.node != nullptr;
}

std::string disk_model::read_file(std::string_view path) const
{
    return node_at(path).content.bytes();
}

std::uint64_t disk_model::reserve_left(std::string_view path) const
{
    const inode& node = node_at(path);
    const std::uint64_t size = node.content.bytes().size();
    return std::max(node.reserved_end, size) - size;
}

std::string disk_model::durable_content(std::string_view path) const
{
    return node_at(path).content.durable_bytes();
}

std::vector<std::string> disk_model::list(std::string_view path) const
{
    std::vector<std::string> names;
    for (const auto& [name, node] : node_at(path).entries)
        names.push_back(name);
    return names;
}

}  // namespace reaper::test
