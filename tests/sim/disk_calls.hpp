#pragma once
// The system calls of the modelled disk, as the kernel has them: each returns what the call
// returns, or -errno. Permissions are not checked (the process is root), and a dirfd is only of the
// model.

#include "sim/disk_core.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

// Numbers of descriptors begin far above those that the kernel gives, and none is given twice: who
// uses one that it has closed is found out.
inline constexpr int disk_descriptor_base = 1 << 24;

class disk_calls
{
public:
    explicit disk_calls(disk_core& core) : core_(core) {}

    // --- by name. `path` is absolute, or below `directory` if that is a descriptor.

    int open(int directory, std::string_view path, int flags, mode_t mode);
    int stat(int directory, std::string_view path, bool follow, struct stat& about);
    int rename(std::string_view from, std::string_view to);
    int link(std::string_view from, std::string_view to);
    int unlink(int directory, std::string_view path, bool is_directory);
    int make_directory(std::string_view path, mode_t mode);
    int set_mode(std::string_view path, mode_t mode);
    int space(std::string_view path, struct statvfs& about);

    // --- by descriptor

    int close(int file);
    ssize_t read(int file, char* into, std::size_t size);
    ssize_t read_at(int file, char* into, std::size_t size, off_t offset);
    ssize_t write(int file, std::string_view bytes);
    ssize_t write_at(int file, std::string_view bytes, off_t offset);
    int sync(int file);
    int sync_all(int file);
    int sync_range(int file);
    int stat_file(int file, struct stat& about);
    int resize(int file, off_t size);
    int reserve(int file, int mode, off_t offset, off_t size);
    int space_of(int file, struct statvfs& about);
    int set_mode_of(int file, mode_t mode);
    int lock(int file, const struct flock& wanted);
    int lease(int file, int kind);
    int flags(int file);

    // --- directory streams. `stream` may be any pointer: is_stream() tells whether it is one of
    // ours.

    [[nodiscard]] bool is_stream(const void* stream) const;
    DIR* open_stream(int file, int& failed);
    dirent* next_entry(DIR* stream, int& failed);
    int descriptor_of(DIR* stream);
    int close_stream(DIR* stream);

    // The process has ended: its descriptors and locks are gone. What it left of them in objects of
    // its own may still be closed, to no effect.
    void forget_process();

    [[nodiscard]] std::size_t open_files() const { return open_count_; }

    // How often a descriptor was used that was closed before.
    [[nodiscard]] std::uint64_t misuses() const { return misuses_; }

private:
    struct open_file
    {
        inode_ptr node;
        std::string path;
        int flags = 0;
        std::uint64_t position = 0;
    };

    struct stream
    {
        int file;
        bool is_listed = false;
        std::vector<std::string> names{};
        std::size_t next = 0;
        dirent entry{};
    };

    [[nodiscard]] open_file* at(int file);
    [[nodiscard]] std::string full_path(int directory, std::string_view path);
    int locate(int directory, std::string_view path, bool follow, tree_place& found);
    int refusal_to_open(const tree_place& found, int flags) const;
    int refusal_to_rename(const tree_place& from, const tree_place& to) const;
    int add_descriptor(const inode_ptr& node, std::string path, int flags);
    ssize_t read_bytes(open_file& file, char* into, std::size_t size, std::uint64_t offset);
    ssize_t write_bytes(open_file& file, std::string_view bytes, std::uint64_t offset);
    int sync_node(const inode_ptr& node, int failed);
    int grow_reserve(inode& node, int mode, std::uint64_t offset, std::uint64_t size);
    void list(stream& listing, const inode& directory) const;
    void release(open_file& file);
    static bool is_writable(const open_file& file);
    void fill(struct stat& about, const inode& node) const;
    int fill(struct statvfs& about) const;

    disk_core& core_;
    std::vector<std::unique_ptr<open_file>> files_;  // by number from the base
    std::size_t first_of_process_ = 0;
    std::size_t open_count_ = 0;
    std::uint64_t misuses_ = 0;
    std::vector<std::unique_ptr<stream>> streams_;
};

}  // namespace reaper::test
