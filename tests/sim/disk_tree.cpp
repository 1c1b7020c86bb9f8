#include "sim/disk_tree.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace reaper::test {

namespace {

// The kernel syncs by and by on its own: nothing stays pending for ever.
constexpr std::size_t pending_max = 256;
constexpr std::size_t name_bytes_max = 255;

// A directory, or one name in it, by the order that is kept.
using key = std::pair<std::uint64_t, std::string_view>;

key key_of(name_order order, const inode& directory, std::string_view name)
{
    return {directory.number, order == name_order::by_name ? name : std::string_view{}};
}

void visit_below(const inode& directory, const std::function<void(inode&)>& visit)
{
    for (const auto& [name, node] : directory.entries) {
        visit(*node);
        visit_below(*node, visit);
    }
}

}  // namespace

disk_tree::disk_tree() : root_(make(S_IFDIR | 0755))
{
    root_->links = 1;
}

inode_ptr disk_tree::make(mode_t mode)
{
    auto made = std::make_shared<inode>();
    made->number = ++nodes_made_ + 1;  // 2 is the root, as on ext4
    made->mode = mode;
    return made;
}

int disk_tree::find(const inode_ptr& from, std::string_view path, tree_place& found)
{
    found = {.directory = nullptr, .name = {}, .node = from};
    while (true) {
        path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
        if (path.empty())
            return 0;
        if (found.node == nullptr)
            return ENOENT;
        if (!S_ISDIR(found.node->mode))
            return ENOTDIR;
        const auto name = path.substr(0, path.find('/'));
        if (name.size() > name_bytes_max)
            return ENAMETOOLONG;
        path.remove_prefix(name.size());
        if (name == ".")
            continue;
        const auto entry = found.node->entries.find(name);
        const bool is_there = entry != found.node->entries.end();
        found.directory = std::move(found.node);
        found.name = name;
        found.node = is_there ? entry->second : nullptr;
    }
}

void disk_tree::link(const inode_ptr& directory, std::string_view name, const inode_ptr& node)
{
    directory->entries.emplace(name, node);
    ++node->links;
    note({.number = 0, .emptied = {}, .filled = {directory, std::string(name)}, .node = node});
}

void disk_tree::unlink(const inode_ptr& directory, std::string_view name)
{
    const auto entry = directory->entries.find(name);
    --entry->second->links;
    directory->entries.erase(entry);
    note({.number = 0, .emptied = {directory, std::string(name)}, .filled = {}, .node = {}});
}

void disk_tree::rename(const tree_place& from, const tree_place& to)
{
    if (to.node != nullptr)
        --to.node->links;
    from.directory->entries.erase(from.directory->entries.find(from.name));
    to.directory->entries.insert_or_assign(std::string(to.name), from.node);
    note(
        {.number = 0,
         .emptied = {from.directory, std::string(from.name)},
         .filled = {to.directory, std::string(to.name)},
         .node = from.node}
    );
}

void disk_tree::note(step made)
{
    made.number = ++steps_made_;
    pending_.push_back(std::move(made));
    if (pending_.size() <= pending_max)
        return;
    const auto half = pending_.begin() + pending_max / 2;
    for (auto each = pending_.begin(); each != half; ++each)
        make_durable(*each);
    pending_.erase(pending_.begin(), half);
}

bool disk_tree::touches(const step& each, const inode* directory)
{
    return each.emptied.directory.get() == directory || each.filled.directory.get() == directory;
}

void disk_tree::make_durable(const step& each)
{
    last_durable_step_ = std::max(last_durable_step_, each.number);
    for (const slot* half : {&each.emptied, &each.filled}) {
        if (half->directory == nullptr)
            continue;
        inode& directory = *half->directory;
        directory.last_durable_step = std::max(directory.last_durable_step, each.number);
        if (half == &each.filled)
            directory.durable_entries.insert_or_assign(half->name, each.node);
        else
            directory.durable_entries.erase(half->name);
    }
}

void disk_tree::sync(const inode_ptr& directory)
{
    // Backwards: a step that is due makes earlier ones on its names due.
    std::vector<bool> due(pending_.size(), false);
    std::set<key> names;
    bool any = false;
    for (auto i = pending_.size(); i-- > 0;) {
        const step& each = pending_[i];
        const auto is_wanted = [&](const slot& half) {
            return half.directory != nullptr && !names.empty() &&
                   names.contains(key_of(name_order::by_name, *half.directory, half.name));
        };
        if (!touches(each, directory.get()) && !is_wanted(each.emptied) && !is_wanted(each.filled))
            continue;
        due[i] = any = true;
        for (const slot* half : {&each.emptied, &each.filled}) {
            if (half->directory != nullptr && half->directory != directory)
                names.insert(key_of(name_order::by_name, *half->directory, half->name));
        }
    }
    if (!any)
        return;
    std::vector<step> rest;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        if (due[i])
            make_durable(pending_[i]);
        else
            rest.push_back(std::move(pending_[i]));
    }
    pending_ = std::move(rest);
}

void disk_tree::sync_all()
{
    for (const step& each : pending_)
        make_durable(each);
    pending_.clear();
    for_each([](inode& node) { node.content.sync(); });
}

void disk_tree::crash(survival how, std::optional<name_order> order, dice& chance)
{
    std::vector<bool> lost(pending_.size(), how == survival::lost);
    const auto chosen = order.value_or(static_cast<name_order>(chance.below(3)));
    if (how == survival::mixed) {
        lost = choose_lost(chosen, chance);
    } else if (how == survival::lost && order) {
        // What the order ties to a later durable step is there with it.
        const auto forced = forced_by_later(*order);
        std::transform(forced.begin(), forced.end(), lost.begin(), std::logical_not<>());
    }
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        if (!lost[i])
            make_durable(pending_[i]);
    }
    pending_.clear();

    std::set<const inode*> seen;
    const std::function<void(inode&)> settle = [&](inode& node) {
        ++node.links;
        if (!seen.insert(&node).second)
            return;
        node.links = 1;
        node.opens = node.writers = 0;
        node.lock_owner = nullptr;
        node.content.crash(how, chance);
        node.reserved_end = std::min<std::uint64_t>(node.reserved_end, node.content.bytes().size());
        node.entries = node.durable_entries;
        for (const auto& [name, child] : node.entries)
            settle(*child);
    };
    settle(*root_);
}

std::vector<bool> disk_tree::choose_lost(name_order order, dice& chance) const
{
    std::vector<bool> lost(pending_.size(), false);
    const auto forced = forced_by_later(order);
    if (order == name_order::in_order) {
        const auto first_free = std::count(forced.begin(), forced.end(), true);
        const auto free = static_cast<std::uint64_t>(std::ssize(pending_) - first_free);
        const auto kept = first_free + static_cast<std::ptrdiff_t>(chance.below(free + 1));
        std::fill(lost.begin() + kept, lost.end(), true);
        return lost;
    }
    // Some crashes lose much and some little.
    const std::uint64_t one_in = chance.one_in(2) ? 2 : 8;
    std::set<key> blocked;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const step& each = pending_[i];
        const auto is_blocked = [&](const slot& half) {
            return half.directory != nullptr &&
                   blocked.contains(key_of(order, *half.directory, half.name));
        };
        const bool tossed = chance.one_in(one_in);
        lost[i] = !forced[i] && (tossed || is_blocked(each.emptied) || is_blocked(each.filled));
        if (!lost[i])
            continue;
        for (const slot* half : {&each.emptied, &each.filled}) {
            if (half->directory != nullptr)
                blocked.insert(key_of(order, *half->directory, half->name));
        }
    }
    return lost;
}

// Pending steps that a durable one, which came later, cannot be without.
std::vector<bool> disk_tree::forced_by_later(name_order order) const
{
    std::vector<bool> forced(pending_.size(), false);
    if (order == name_order::by_name)
        return forced;  // sync() has brought those already
    std::set<key> wanted;
    for (auto i = pending_.size(); i-- > 0;) {
        const step& each = pending_[i];
        bool is_forced = each.number < last_durable_step_;
        if (order == name_order::by_directory) {
            is_forced = false;
            for (const slot* half : {&each.emptied, &each.filled}) {
                is_forced = is_forced || (half->directory != nullptr &&
                                          (each.number < half->directory->last_durable_step ||
                                           wanted.contains(key_of(order, *half->directory, {}))));
            }
        }
        forced[i] = is_forced;
        for (const slot* half : {&each.emptied, &each.filled}) {
            if (is_forced && half->directory != nullptr)
                wanted.insert(key_of(order, *half->directory, {}));
        }
    }
    return forced;
}

void disk_tree::for_each(const std::function<void(inode&)>& visit) const
{
    visit(*root_);
    visit_below(*root_, visit);
}

}  // namespace reaper::test
