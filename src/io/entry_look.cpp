#include "reaper/io/entry_look.hpp"

#include "reaper/io/file_ops.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace reaper {

namespace {

constexpr std::int64_t nanoseconds(const timespec& time)
{
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

file_kind kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
        case S_IFREG:
            return file_kind::regular;
        case S_IFDIR:
            return file_kind::directory;
        case S_IFLNK:
            return file_kind::symlink;
        case S_IFIFO:
            return file_kind::fifo;
        case S_IFSOCK:
            return file_kind::socket;
        default:
            return file_kind::device;
    }
}

// There another machine may be writing, and CIFS answers EAGAIN although nobody does.
bool is_remote(int file)
{
    struct statfs about = {};
    if (::fstatfs(file, &about) != 0)
        return true;
    constexpr std::array<unsigned long, 6> remote = {
        NFS_SUPER_MAGIC,
        SMB_SUPER_MAGIC,
        CIFS_SUPER_MAGIC,
        SMB2_SUPER_MAGIC,
        FUSE_SUPER_MAGIC,
        V9FS_MAGIC,
    };
    for (const auto magic : remote) {
        if (static_cast<unsigned long>(about.f_type) == magic)
            return true;
    }
    return false;
}

// The kernel grants a read lease only while nobody has the file open for writing, and only to the
// file's owner or with CAP_LEASE: whoever has neither is told nothing.
writers ask_for_writers(int file)
{
    // Somebody may open the file in the instant in which we hold the lease. The signal for that
    // is SIGIO, which would end the process, unless another is named: SIGURG is ignored by default.
    if (::fcntl(file, F_SETSIG, SIGURG) != 0)
        return writers::untold;
    if (::fcntl(file, F_SETLEASE, F_RDLCK) == 0) {
        ::fcntl(file, F_SETLEASE, F_UNLCK);
        return writers::none;
    }
    return errno == EAGAIN && !is_remote(file) ? writers::some : writers::untold;
}

}  // namespace

std::optional<entry_facts> look_at(int directory, const std::string& name)
{
    struct stat about = {};
    if (::fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0)
        return std::nullopt;

    entry_facts facts;
    facts.name = name;
    facts.kind = kind_of(about.st_mode);
    facts.links = about.st_nlink;
    facts.size = static_cast<std::uint64_t>(about.st_size);
    facts.modified_ns = nanoseconds(about.st_mtim);
    facts.changed_ns = nanoseconds(about.st_ctim);
    facts.device = about.st_dev;
    facts.inode = about.st_ino;
    facts.owner = about.st_uid;
    if (facts.kind != file_kind::regular)
        return facts;

    // Neither waits for the other end of what may have become a FIFO by now, nor follows a link.
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    const unique_fd file{::openat(directory, name.c_str(), flags)};
    if (file.get() < 0) {
        if (errno == ENOENT)
            return std::nullopt;
        facts.readable = errno != EACCES && errno != EPERM;
        return facts;
    }
    facts.open_by = ask_for_writers(file.get());
    return facts;
}

std::string owner_name(std::uint32_t uid)
{
    std::array<char, 4096> buffer{};
    passwd entry = {};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return found->pw_name;
    return std::to_string(uid);
}

}  // namespace reaper
