#include "reaper/io/file_lock.hpp"

#include "reaper/base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace reaper {

namespace {

// The first line of what the holder wrote, fit to be shown.
std::string holder_of(int file)
{
    std::array<char, 256> buffer{};
    const ssize_t size = ::pread(file, buffer.data(), buffer.size(), 0);
    if (size <= 0)
        return "another process";
    const std::string_view text{buffer.data(), static_cast<std::size_t>(size)};
    return presentable(text.substr(0, text.find('\n')), {});
}

}  // namespace

result<file_lock> file_lock::acquire(const std::string& path, const std::string& holder)
{
    unique_fd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.get() < 0)
        return system_fault("cannot open the lock " + path);

    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_OFD_SETLK, &whole) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            return fault{holder_of(file.get()), EWOULDBLOCK};
        return system_fault("cannot lock " + path);
    }
    // The lock holds whether or not this can be written: a full disk must not keep the daemon from
    // starting.
    const std::string text = holder + "\n";
    if (::ftruncate(file.get(), 0) == 0)
        static_cast<void>(::pwrite(file.get(), text.data(), text.size(), 0) < 0);
    return file_lock{std::move(file)};
}

std::string lock_holder()
{
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0)
        host[0] = '?';
    return std::to_string(::getpid()) + " " + host.data();
}

}  // namespace reaper
