// The calls that name a file by its path. Those on descriptors are in disk_descriptors.cpp.

#include "sim/disk_calls.hpp"

#include <algorithm>
#include <utility>

namespace reaper::test {

std::string disk_calls::full_path(int directory, std::string_view path)
{
    if (directory == AT_FDCWD || path.starts_with('/'))
        return std::string(path);
    const open_file* base = at(directory);
    return (base != nullptr ? base->path : std::string{}) + "/" + std::string(path);
}

// The name of what is found lies in `path`.
int disk_calls::locate(int directory, std::string_view path, bool follow, tree_place& found)
{
    if (directory == AT_FDCWD || path.starts_with('/'))
        return core_.find(path, follow, found);
    const open_file* base = at(directory);
    if (base == nullptr)
        return EBADF;
    return disk_tree::find(base->node, path, found);
}

bool disk_calls::is_writable(const open_file& file)
{
    return (file.flags & O_ACCMODE) != O_RDONLY;
}

int disk_calls::refusal_to_open(const tree_place& found, int flags) const
{
    if (found.node == nullptr) {
        if ((flags & O_CREAT) == 0)
            return ENOENT;
        return found.directory == nullptr || found.directory->links == 0 ? ENOENT : 0;
    }
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
        return EEXIST;
    const mode_t mode = found.node->mode;
    if (S_ISLNK(mode))
        return ELOOP;
    if ((flags & O_DIRECTORY) != 0 && !S_ISDIR(mode))
        return ENOTDIR;
    if (S_ISDIR(mode) && (flags & O_ACCMODE) != O_RDONLY)
        return EISDIR;
    return 0;
}

int disk_calls::open(int directory, std::string_view path, int flags, mode_t mode)
{
    std::string full = full_path(directory, path);
    const verdict judged = core_.enter(call_kind::open, full);
    if (judged.error != 0)
        return -judged.error;
    if (open_count_ >= core_.settings.descriptors_max)
        return -EMFILE;
    tree_place found;
    if (const int failed = locate(directory, path, (flags & O_NOFOLLOW) == 0, found); failed != 0)
        return -failed;
    if (const int refused = refusal_to_open(found, flags); refused != 0)
        return -refused;
    if (found.node == nullptr) {
        found.node = core_.tree.make(S_IFREG | (mode & 07777));
        core_.tree.link(found.directory, found.name, found.node);
        core_.touch(*found.node);
        core_.touch(*found.directory);
    } else if ((flags & O_TRUNC) != 0 && (flags & O_ACCMODE) != O_RDONLY) {
        found.node->content.resize(0);
        found.node->reserved_end = 0;
        core_.touch(*found.node);
        core_.charge(*found.node);
    }
    return add_descriptor(found.node, std::move(full), flags);
}

int disk_calls::add_descriptor(const inode_ptr& node, std::string path, int flags)
{
    auto opened = std::make_unique<open_file>();
    opened->node = node;
    opened->path = std::move(path);
    opened->flags = flags;
    ++node->opens;
    if (is_writable(*opened))
        ++node->writers;
    files_.push_back(std::move(opened));
    ++open_count_;
    return disk_descriptor_base + static_cast<int>(files_.size() - 1);
}

void disk_calls::fill(struct stat& about, const inode& node) const
{
    const auto timespec_of = [](std::int64_t ns) {
        return timespec{.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
    };
    about = {};
    about.st_dev = 0x51;
    about.st_ino = node.number;
    about.st_mode = node.mode;
    about.st_nlink = S_ISDIR(node.mode) && node.links != 0 ? 2 : node.links;
    about.st_size = static_cast<off_t>(node.content.bytes().size());
    about.st_blksize = static_cast<blksize_t>(disk_page_bytes);
    about.st_blocks = static_cast<blkcnt_t>(node.charged / 512);
    about.st_mtim = timespec_of(node.modified_ns);
    about.st_ctim = timespec_of(node.changed_ns);
    about.st_atim = about.st_mtim;
}

int disk_calls::fill(struct statvfs& about) const
{
    about = {};
    about.f_bsize = about.f_frsize = disk_page_bytes;
    about.f_blocks = core_.settings.capacity / disk_page_bytes;
    about.f_bfree = about.f_bavail = core_.free_bytes() / disk_page_bytes;
    about.f_files = about.f_ffree = about.f_favail = 1'000'000;
    about.f_namemax = 255;
    return 0;
}

int disk_calls::stat(int directory, std::string_view path, bool follow, struct stat& about)
{
    const verdict judged = core_.enter(call_kind::stat, path);
    if (judged.error != 0)
        return -judged.error;
    tree_place found;
    if (const int failed = locate(directory, path, follow, found); failed != 0)
        return -failed;
    if (found.node == nullptr)
        return -ENOENT;
    fill(about, *found.node);
    return 0;
}

int disk_calls::space(std::string_view path, struct statvfs& about)
{
    const verdict judged = core_.enter(call_kind::space, path);
    return judged.error != 0 ? -judged.error : fill(about);
}

int disk_calls::refusal_to_rename(const tree_place& from, const tree_place& to) const
{
    if (from.node == nullptr)
        return ENOENT;
    if (from.directory == nullptr || to.directory == nullptr)
        return EBUSY;
    if (to.directory->links == 0)
        return ENOENT;
    if (to.node == nullptr)
        return 0;
    if (S_ISDIR(to.node->mode)) {
        if (!S_ISDIR(from.node->mode))
            return EISDIR;
        return to.node->entries.empty() ? 0 : ENOTEMPTY;
    }
    return S_ISDIR(from.node->mode) ? ENOTDIR : 0;
}

int disk_calls::rename(std::string_view from, std::string_view to)
{
    const verdict judged = core_.enter(call_kind::rename, from);
    if (judged.error != 0 && !judged.takes_effect)
        return -judged.error;
    tree_place source;
    tree_place target;
    if (const int failed = core_.find(from, false, source); failed != 0)
        return -failed;
    if (const int failed = core_.find(to, false, target); failed != 0)
        return -failed;
    if (const int refused = refusal_to_rename(source, target); refused != 0)
        return -refused;
    if (source.node == target.node)
        return 0;
    core_.tree.rename(source, target);
    core_.touch(*source.directory);
    core_.touch(*target.directory);
    source.node->changed_ns = core_.now_ns();
    if (target.node != nullptr)
        core_.charge(*target.node);
    return -judged.error;
}

int disk_calls::link(std::string_view from, std::string_view to)
{
    const verdict judged = core_.enter(call_kind::link, to);
    if (judged.error != 0 && !judged.takes_effect)
        return -judged.error;
    tree_place source;
    tree_place target;
    if (const int failed = core_.find(from, false, source); failed != 0)
        return -failed;
    if (const int failed = core_.find(to, false, target); failed != 0)
        return -failed;
    if (source.node == nullptr || target.directory == nullptr)
        return -ENOENT;
    if (target.node != nullptr)
        return -EEXIST;
    if (S_ISDIR(source.node->mode))
        return -EPERM;
    core_.tree.link(target.directory, target.name, source.node);
    core_.touch(*target.directory);
    source.node->changed_ns = core_.now_ns();
    return -judged.error;
}

int disk_calls::unlink(int directory, std::string_view path, bool is_directory)
{
    const auto kind = is_directory ? call_kind::remove_directory : call_kind::unlink;
    const verdict judged = core_.enter(kind, path);
    if (judged.error != 0 && !judged.takes_effect)
        return -judged.error;
    tree_place found;
    if (const int failed = locate(directory, path, false, found); failed != 0)
        return -failed;
    if (found.node == nullptr)
        return -ENOENT;
    if (found.directory == nullptr)
        return -EBUSY;
    if (S_ISDIR(found.node->mode) != is_directory)
        return is_directory ? -ENOTDIR : -EISDIR;
    if (!found.node->entries.empty())
        return -ENOTEMPTY;
    core_.tree.unlink(found.directory, found.name);
    core_.touch(*found.directory);
    found.node->changed_ns = core_.now_ns();
    core_.charge(*found.node);
    return -judged.error;
}

int disk_calls::make_directory(std::string_view path, mode_t mode)
{
    const verdict judged = core_.enter(call_kind::make_directory, path);
    if (judged.error != 0 && !judged.takes_effect)
        return -judged.error;
    tree_place found;
    if (const int failed = core_.find(path, false, found); failed != 0)
        return -failed;
    if (found.node != nullptr)
        return -EEXIST;
    if (found.directory == nullptr || found.directory->links == 0)
        return -ENOENT;
    if (core_.free_bytes() < disk_page_bytes)
        return -ENOSPC;
    const auto made = core_.tree.make(S_IFDIR | (mode & 07777));
    core_.tree.link(found.directory, found.name, made);
    core_.touch(*made);
    core_.touch(*found.directory);
    return -judged.error;
}

int disk_calls::set_mode(std::string_view path, mode_t mode)
{
    const verdict judged = core_.enter(call_kind::mode, path);
    if (judged.error != 0)
        return -judged.error;
    tree_place found;
    if (const int failed = core_.find(path, true, found); failed != 0)
        return -failed;
    if (found.node == nullptr)
        return -ENOENT;
    found.node->mode = (found.node->mode & S_IFMT) | (mode & 07777);
    found.node->changed_ns = core_.now_ns();
    return 0;
}

}  // namespace reaper::test
