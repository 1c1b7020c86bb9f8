// The calls on descriptors and directory streams of the modelled disk.

#include "sim/disk_calls.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reaper::test {

namespace {

std::uint64_t unsigned_of(off_t value)
{
    return static_cast<std::uint64_t>(value);
}

}  // namespace

disk_calls::open_file* disk_calls::at(int file)
{
    const auto index = static_cast<std::size_t>(file - disk_descriptor_base);
    if (file >= disk_descriptor_base && index < files_.size() && files_[index] != nullptr)
        return files_[index].get();
    if (file < disk_descriptor_base || index >= first_of_process_)
        ++misuses_;
    return nullptr;
}

void disk_calls::release(open_file& file)
{
    inode& node = *file.node;
    --node.opens;
    if (is_writable(file))
        --node.writers;
    if (node.lock_owner == &file)
        node.lock_owner = nullptr;
    core_.charge(node);
    --open_count_;
}

int disk_calls::close(int file)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    release(*opened);
    files_[static_cast<std::size_t>(file - disk_descriptor_base)].reset();
    return 0;
}

void disk_calls::forget_process()
{
    for (auto i = first_of_process_; i < files_.size(); ++i) {
        if (files_[i] != nullptr)
            release(*files_[i]);
        files_[i].reset();
    }
    first_of_process_ = files_.size();
    for (const auto& each : streams_) {
        each->names.clear();
        each->is_listed = true;
    }
}

// --- bytes

ssize_t disk_calls::read_bytes(open_file& file, char* into, std::size_t size, std::uint64_t offset)
{
    const verdict judged = core_.enter(call_kind::read, file.path);
    if (judged.error != 0)
        return -judged.error;
    if (S_ISDIR(file.node->mode))
        return -EISDIR;
    const std::string& bytes = file.node->content.bytes();
    if (offset >= bytes.size())
        return 0;
    const auto got = std::min({size, bytes.size() - offset, judged.bytes_max});
    std::memcpy(into, bytes.data() + offset, got);
    return static_cast<ssize_t>(got);
}

ssize_t disk_calls::read(int file, char* into, std::size_t size)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const ssize_t got = read_bytes(*opened, into, size, opened->position);
    if (got > 0)
        opened->position += static_cast<std::uint64_t>(got);
    return got;
}

ssize_t disk_calls::read_at(int file, char* into, std::size_t size, off_t offset)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    return offset < 0 ? -EINVAL : read_bytes(*opened, into, size, unsigned_of(offset));
}

ssize_t disk_calls::write_bytes(open_file& file, std::string_view bytes, std::uint64_t offset)
{
    const verdict judged = core_.enter(call_kind::write, file.path);
    if (judged.error != 0)
        return -judged.error;
    if (!is_writable(file))
        return -EBADF;
    // A disk that becomes full takes what fits; it is the next write that fails.
    const auto end = core_.growth_end(*file.node);
    if (offset >= end && !bytes.empty())
        return -ENOSPC;
    bytes = bytes.substr(0, std::min<std::uint64_t>(end - offset, judged.bytes_max));
    file.node->content.write(offset, bytes);
    core_.touch(*file.node);
    core_.charge(*file.node);
    return static_cast<ssize_t>(bytes.size());
}

ssize_t disk_calls::write(int file, std::string_view bytes)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    if ((opened->flags & O_APPEND) != 0)
        opened->position = opened->node->content.bytes().size();
    const ssize_t put = write_bytes(*opened, bytes, opened->position);
    if (put > 0)
        opened->position += static_cast<std::uint64_t>(put);
    return put;
}

ssize_t disk_calls::write_at(int file, std::string_view bytes, off_t offset)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    return offset < 0 ? -EINVAL : write_bytes(*opened, bytes, unsigned_of(offset));
}

// --- syncs

int disk_calls::sync_node(const inode_ptr& node, int failed)
{
    if (core_.pass_time && core_.sync_time.count() > 0)
        core_.pass_time(core_.sync_time);
    if (failed != 0) {
        // An interrupted sync has not tried; any other failure is told once, and only once. The
        // names of a directory stay due: a journal that fails takes the whole file system down.
        if (failed != EINTR)
            node->content.fail_sync();
        return -failed;
    }
    if (S_ISDIR(node->mode))
        core_.tree.sync(node);
    else
        node->content.sync();
    return 0;
}

int disk_calls::sync(int file)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::sync, opened->path);
    if (core_.dead)
        return -EIO;
    return sync_node(opened->node, judged.error);
}

int disk_calls::sync_all(int file)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::sync, opened->path);
    if (judged.error != 0)
        return -judged.error;
    core_.tree.sync_all();
    return 0;
}

int disk_calls::sync_range(int file)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    // It starts the writing, and promises nothing: neither the size nor the device's cache.
    return -core_.enter(call_kind::sync_range, opened->path).error;
}

// --- facts, size and space

int disk_calls::stat_file(int file, struct stat& about)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::stat, opened->path);
    if (judged.error != 0)
        return -judged.error;
    fill(about, *opened->node);
    return 0;
}

int disk_calls::resize(int file, off_t size)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::resize, opened->path);
    if (judged.error != 0)
        return -judged.error;
    if (size < 0 || !is_writable(*opened))
        return -EINVAL;
    inode& node = *opened->node;
    node.content.resize(unsigned_of(size));
    node.reserved_end = std::min(node.reserved_end, unsigned_of(size));
    core_.touch(node);
    core_.charge(node);
    return 0;
}

int disk_calls::reserve(int file, int mode, off_t offset, off_t size)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::reserve, opened->path);
    if (judged.error != 0)
        return -judged.error;
    if (offset < 0 || size <= 0 || !is_writable(*opened))
        return -EINVAL;
    return grow_reserve(*opened->node, mode, unsigned_of(offset), unsigned_of(size));
}

int disk_calls::grow_reserve(inode& node, int mode, std::uint64_t offset, std::uint64_t size)
{
    const auto end = offset + size;
    if ((mode & FALLOC_FL_PUNCH_HOLE) != 0) {
        // Only what lies behind the end of the file: holes in it are not modelled.
        if (end >= node.reserved_end)
            node.reserved_end = std::min(node.reserved_end, offset);
        core_.charge(node);
        return 0;
    }
    if (whole_pages(end) > core_.growth_end(node))
        return -ENOSPC;
    node.reserved_end = std::max(node.reserved_end, end);
    if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && node.content.bytes().size() < end)
        node.content.resize(end);
    core_.charge(node);
    return 0;
}

int disk_calls::space_of(int file, struct statvfs& about)
{
    open_file* const opened = at(file);
    return opened == nullptr ? -EBADF : space(opened->path, about);
}

int disk_calls::set_mode_of(int file, mode_t mode)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::mode, opened->path);
    if (judged.error != 0)
        return -judged.error;
    opened->node->mode = (opened->node->mode & S_IFMT) | (mode & 07777);
    opened->node->changed_ns = core_.now_ns();
    return 0;
}

// --- locks and leases

int disk_calls::lock(int file, const struct flock& wanted)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::lock, opened->path);
    if (judged.error != 0)
        return -judged.error;
    const void*& owner = opened->node->lock_owner;
    if (wanted.l_type == F_UNLCK) {
        if (owner == opened)
            owner = nullptr;
        return 0;
    }
    if (owner != nullptr && owner != opened)
        return -EAGAIN;
    owner = opened;
    return 0;
}

int disk_calls::lease(int file, int kind)
{
    open_file* const opened = at(file);
    if (opened == nullptr)
        return -EBADF;
    const verdict judged = core_.enter(call_kind::lease, opened->path);
    if (judged.error != 0)
        return -judged.error;
    return kind == F_RDLCK && opened->node->writers != 0 ? -EAGAIN : 0;
}

int disk_calls::flags(int file)
{
    const open_file* const opened = at(file);
    return opened == nullptr ? -EBADF : opened->flags;
}

}  // namespace reaper::test
