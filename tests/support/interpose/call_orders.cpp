#include "call_orders.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace interpose {

namespace {

constexpr std::size_t kinds = static_cast<std::size_t>(kind::count);
constexpr std::array<const char*, kinds> names = {
    "open",         "read",          "write",  "fsync", "rename",  "unlink",  "mkdir",   "rmdir",
    "fallocate",    "ftruncate",     "stat",   "chmod", "fcntl",   "opendir", "readdir", "statfs",
    "inotify_init", "inotify_watch", "socket", "epoll", "timerfd", "eventfd"};

// The orders, read once; plain C strings of the environment, which outlives everything here.
struct orders
{
    std::string_view below;
    std::string_view named;
    std::size_t kind = kinds;  // `kinds`: none; kinds + 1: any
    unsigned long at = 0;
    unsigned long times = 1;
    int error_number = EIO;
    const char* mended = nullptr;
    const char* hit = nullptr;
    const char* counts = nullptr;
    const char* trace = nullptr;
};

const char* variable(const char* name)
{
    const char* value = ::getenv(name);
    return value == nullptr ? "" : value;
}

unsigned long number(const char* name, unsigned long otherwise)
{
    const char* value = variable(name);
    return *value == '\0' ? otherwise : std::strtoul(value, nullptr, 10);
}

const char* path_or_null(const char* name)
{
    const char* value = variable(name);
    return *value == '\0' ? nullptr : value;
}

orders read_orders()
{
    orders o;
    o.below = variable("FAIL_CALL_BELOW");
    o.named = variable("FAIL_CALL_NAMED");
    const std::string_view kind_name = variable("FAIL_CALL_KIND");
    for (std::size_t i = 0; i < kinds; ++i)
        if (kind_name == names[i])
            o.kind = i;
    if (kind_name == "any")
        o.kind = kinds + 1;
    o.at = number("FAIL_CALL_AT", 1);
    o.times = number("FAIL_CALL_TIMES", 1);
    o.error_number = static_cast<int>(number("FAIL_CALL_ERRNO", EIO));
    o.mended = path_or_null("FAIL_CALL_MENDED");
    o.hit = path_or_null("FAIL_CALL_HIT");
    o.counts = path_or_null("FAIL_CALL_COUNTS");
    o.trace = path_or_null("FAIL_CALL_TRACE");
    return o;
}

const orders& asked()
{
    static const orders o = read_orders();
    return o;
}

std::array<std::atomic<unsigned long>, kinds> counted{};
std::atomic<unsigned long> counted_of_asked{0};

void append_line(
    const char* file, std::string_view what, unsigned long count, std::string_view path
)
{
    std::array<char, 600> line{};
    const int size = std::snprintf(
        line.data(),
        line.size(),
        "%.*s %lu %.*s\n",
        static_cast<int>(what.size()),
        what.data(),
        count,
        static_cast<int>(std::min<std::size_t>(path.size(), 500)),
        path.data()
    );
    const long to = ::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::syscall(SYS_write, to, line.data(), size);
    ::syscall(SYS_close, to);
}

bool is_below(std::string_view path)
{
    const std::string_view below = asked().below;
    return !below.empty() && path.starts_with(below) &&
           (path.size() == below.size() || path[below.size()] == '/');
}

// The path of a descriptor, as the kernel knows it; empty for what is no file.
class descriptor_path
{
public:
    explicit descriptor_path(int descriptor)
    {
        std::array<char, 32> link{};
        std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
        const int before = errno;
        const long got =
            ::syscall(SYS_readlinkat, AT_FDCWD, link.data(), path_.data(), path_.size() - 1);
        errno = before;
        size_ = got < 0 ? 0 : static_cast<std::size_t>(got);
    }

    [[nodiscard]] std::string_view view() const { return {path_.data(), size_}; }

private:
    std::array<char, 1024> path_{};
    std::size_t size_ = 0;
};

struct report_counts
{
    ~report_counts()
    {
        if (asked().counts == nullptr)
            return;
        for (std::size_t i = 0; i < kinds; ++i)
            append_line(asked().counts, names[i], counted[i], "");
    }
};

const report_counts at_exit{};

}  // namespace

bool fails(kind k, std::string_view path)
{
    const orders& o = asked();
    const auto index = static_cast<std::size_t>(k);
    const unsigned long nth = ++counted[index];
    const int before = errno;
    if (o.trace != nullptr)
        append_line(o.trace, names[index], nth, path);
    errno = before;
    if (o.kind != index && o.kind != kinds + 1)
        return false;
    if (!o.named.empty() && path.find(o.named) == std::string_view::npos)
        return false;
    const unsigned long number = ++counted_of_asked;
    if (number < o.at || (o.times != 0 && number >= o.at + o.times))
        return false;
    const bool mended =
        o.mended != nullptr && ::syscall(SYS_faccessat, AT_FDCWD, o.mended, F_OK, 0) == 0;
    errno = before;
    if (mended)
        return false;
    if (o.hit != nullptr && number == o.at)
        append_line(o.hit, names[index], number, path);
    errno = o.error_number;
    return true;
}

bool fails_at(kind k, int descriptor)
{
    const descriptor_path path(descriptor);
    return is_below(path.view()) && fails(k, path.view());
}

bool fails_on(kind k, int descriptor)
{
    return fails(k, descriptor_path(descriptor).view());
}

bool fails_at(kind k, int directory, const char* name)
{
    if (name == nullptr)
        return false;
    if (name[0] == '/' || directory == AT_FDCWD)
        return is_below(name) && fails(k, name);
    const descriptor_path path(directory);
    if (!is_below(path.view()))
        return false;
    std::array<char, 1400> whole{};
    std::snprintf(
        whole.data(),
        whole.size(),
        "%.*s/%s",
        static_cast<int>(path.view().size()),
        path.view().data(),
        name
    );
    return fails(k, whole.data());
}

}  // namespace interpose
