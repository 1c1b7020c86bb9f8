#pragma once
// The names of the modelled disk: directories, what is linked in them, and which of that a power
// cut leaves.
//
// Each change of names (a creation, a removal, a rename with both of its names) is one step: it
// survives as a whole or not at all, on every journalling file system. A sync of a directory makes
// the steps that touched it durable, with whatever they need: an earlier step on the same name. The
// sync of a file does not make its name durable (POSIX does not say so). Which of the other steps
// survive depends on the file system, and so on the seed:
// - in_order: what survives is a beginning of all steps. ext4 and xfs: one journal for all.
// - by_directory: the order is kept within a directory, and not between two. File systems with a
// log
//   for each directory that was synced (btrfs), or with several metadata servers.
// - by_name: only steps on the same name keep their order. That is all that POSIX leaves to rely
// on. SPEC P1 is promised without naming a file system, so the code has to survive all three.

#include "sim/dice.hpp"
#include "sim/disk_content.hpp"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

enum class name_order
{
    in_order,
    by_directory,
    by_name,
};

struct inode
{
    using names = std::map<std::string, std::shared_ptr<inode>, std::less<>>;

    std::uint64_t number = 0;
    mode_t mode = 0;  // with the bits that tell the kind
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    unsigned links = 0;    // names of a file; of a directory 1, or 0 when it was removed
    unsigned opens = 0;    // descriptors
    unsigned writers = 0;  // who has it open for writing, other processes included
    const void* lock_owner = nullptr;

    disk_content content;            // of a regular file
    std::string target;              // of a symlink
    std::uint64_t reserved_end = 0;  // blocks are there up to here, or to the end of the content
    std::uint64_t charged = 0;       // bytes of the disk that it takes

    names entries;  // of a directory
    names durable_entries;
    std::uint64_t last_durable_step = 0;
};

using inode_ptr = std::shared_ptr<inode>;

struct tree_place
{
    inode_ptr directory;    // null for the root itself
    std::string_view name;  // of the path that was looked up
    inode_ptr node;         // null if the name is not there
};

class disk_tree
{
public:
    disk_tree();

    [[nodiscard]] const inode_ptr& root() const { return root_; }

    // A node that no name leads to yet.
    [[nodiscard]] inode_ptr make(mode_t mode);

    // Follows `path` from `from`; 0 or an errno (ENOENT, ENOTDIR, ENAMETOOLONG). That the last name
    // is not there is no error. No symlink and no ".." is followed.
    [[nodiscard]] static int find(const inode_ptr& from, std::string_view path, tree_place& found);

    // Steps. The caller has checked that they are allowed, and keeps the times.
    void link(const inode_ptr& directory, std::string_view name, const inode_ptr& node);
    void unlink(const inode_ptr& directory, std::string_view name);
    void rename(const tree_place& from, const tree_place& to);

    void sync(const inode_ptr& directory);
    void sync_all();

    // What is left of names and contents is what programs see from now on.
    void crash(survival how, std::optional<name_order> order, dice& chance);

    // Every node that a name leads to, each once for each name, in the order of the names.
    void for_each(const std::function<void(inode&)>& visit) const;

private:
    struct slot
    {
        inode_ptr directory;  // null: this half of the step is not there
        std::string name;
    };

    // `emptied` loses its name, then `filled` gets the node. A rename has both.
    struct step
    {
        std::uint64_t number;
        slot emptied;
        slot filled;
        inode_ptr node;
    };

    void note(step made);
    [[nodiscard]] static bool touches(const step& each, const inode* directory);
    void make_durable(const step& each);
    [[nodiscard]] std::vector<bool> choose_lost(name_order order, dice& chance) const;
    [[nodiscard]] std::vector<bool> forced_by_later(name_order order) const;

    inode_ptr root_;
    std::uint64_t nodes_made_ = 0;
    std::uint64_t steps_made_ = 0;
    std::uint64_t last_durable_step_ = 0;
    std::vector<step> pending_;
};

}  // namespace reaper::test
