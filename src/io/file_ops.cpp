#include "reaper/io/file_ops.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace reaper {
namespace {

// Writes with `put(bytes, done so far)` until nothing is left.
template <class Put>
int write_in_parts(std::string_view bytes, const Put& put)
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t written = retry_interrupted([&] { return put(bytes.substr(done), done); });
        if (written < 0)
            return errno;
        if (written == 0)  // no error and no progress: a device that will take no more
            return ENOSPC;
        done += static_cast<std::size_t>(written);
    }
    return 0;
}

// Makes a new file with exactly this mode. What a crash left under the name is removed, never
// written into: in a directory that others may write to it could be a link to anything.
unique_fd create_anew(const std::string& path, mode_t mode)
{
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    unique_fd file(::open(path.c_str(), flags, mode));
    if (!file && errno == EEXIST && ::unlink(path.c_str()) == 0)
        file = unique_fd(::open(path.c_str(), flags, mode));
    if (file && ::fchmod(file.get(), mode) != 0)
        file.reset();
    return file;
}

}  // namespace

void unique_fd::reset()
{
    if (descriptor_ >= 0) {
        // Not retried: Linux frees the descriptor even when close() is interrupted. Whoever needs
        // to know that the data arrived has synced it. errno stays what the caller is about to
        // report.
        const int reported = errno;
        ::close(descriptor_);
        errno = reported;
    }
    descriptor_ = -1;
}

int write_all(int descriptor, std::string_view bytes)
{
    return write_in_parts(bytes, [&](std::string_view rest, std::size_t) {
        return ::write(descriptor, rest.data(), rest.size());
    });
}

int write_all_at(int descriptor, std::uint64_t offset, std::string_view bytes)
{
    return write_in_parts(bytes, [&](std::string_view rest, std::size_t done) {
        return ::pwrite(descriptor, rest.data(), rest.size(), static_cast<off_t>(offset + done));
    });
}

result<std::string> read_file_bounded(const std::string& path, std::size_t bytes_max)
{
    // Without O_NONBLOCK, opening a FIFO would wait for a writer.
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about = {};
    if (!file || ::fstat(file.get(), &about) != 0)
        return system_fault("cannot open " + path);
    if (!S_ISREG(about.st_mode))
        return fault{path + " is not a regular file", EINVAL};

    // The size is only a hint: files in /proc say 0, and others may be growing.
    std::string bytes;
    std::size_t wanted = static_cast<std::size_t>(about.st_size) + 1;
    for (;;) {
        const std::size_t before = bytes.size();
        bytes.resize(std::min(before + std::max<std::size_t>(wanted, 512), bytes_max + 1));
        const ssize_t got = retry_interrupted([&] {
            return ::read(file.get(), bytes.data() + before, bytes.size() - before);
        });
        if (got < 0)
            return system_fault("cannot read " + path);
        bytes.resize(before + static_cast<std::size_t>(got));
        if (got == 0)
            return bytes;
        if (bytes.size() > bytes_max)
            return fault{fmt::format("{} is larger than {} bytes", path, bytes_max), EFBIG};
        wanted = 4096;
    }
}

namespace {

std::string temporary_of(const std::string& path)
{
    return parent_directory(path) + "/." + path.substr(path.rfind('/') + 1) + ".tmp";
}

fault drop_draft(const std::string& path, int error_number)
{
    ::unlink(temporary_of(path).c_str());
    return system_fault("cannot write " + path, error_number);
}

result<void> write_and_rename(
    const std::string& path, std::string_view bytes, mode_t mode, bool durable
)
{
    const auto file = draft_file(path, bytes, mode);
    if (!file)
        return file.error();
    if (durable && retry_interrupted([&] { return ::fsync(file->get()); }) != 0)
        return drop_draft(path, errno);
    return publish_draft(path);
}

}  // namespace

result<void> write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode)
{
    if (auto written = write_and_rename(path, bytes, mode, true); !written)
        return written;
    return sync_directory(parent_directory(path));
}

result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode)
{
    return write_and_rename(path, bytes, mode, false);
}

result<unique_fd> draft_file(const std::string& path, std::string_view bytes, mode_t mode)
{
    const std::string temporary = temporary_of(path);
    unique_fd file = create_anew(temporary, mode);
    if (!file)
        return system_fault("cannot create " + temporary);
    if (const int failed = write_all(file.get(), bytes); failed != 0)
        return drop_draft(path, failed);
    return file;
}

result<void> publish_draft(const std::string& path)
{
    if (::rename(temporary_of(path).c_str(), path.c_str()) != 0)
        return drop_draft(path, errno);
    return {};
}

result<unique_fd> open_or_make(const std::string& path, mode_t mode)
{
    // No O_APPEND: with it Linux ignores the offset of pwrite().
    constexpr int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    unique_fd file(::open(path.c_str(), flags));
    if (!file && errno == ENOENT) {
        file = unique_fd(::open(path.c_str(), flags | O_CREAT, mode));
        if (file) {
            if (auto synced = sync_directory(parent_directory(path)); !synced) {
                // The next attempt would find it, and think that its name lasts.
                ::unlink(path.c_str());
                return synced.error();
            }
        }
    }
    if (!file)
        return system_fault("cannot open " + path);
    return file;
}

result<void> sync_directory(const std::string& path)
{
    const unique_fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || retry_interrupted([&] { return ::fsync(directory.get()); }) != 0)
        return system_fault("cannot sync the directory " + path);
    return {};
}

std::string parent_directory(const std::string& path)
{
    const auto slash = path.rfind('/');
    if (slash == std::string::npos)
        return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace reaper
