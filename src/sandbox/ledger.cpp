#include "sandbox/ledger.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sandbox {
namespace {

constexpr std::size_t buffer_bytes_max = std::size_t{256} * 1024;

std::int64_t nanoseconds_of(mono_time time)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string_view to_string(route_kind route)
{
    switch (route) {
        case route_kind::none:
            return "none";
        case route_kind::remove:
            return "delete";
        case route_kind::list:
            return "list";
        case route_kind::view:
            return "view";
    }
    return "?";
}

// No escaping: a token that is recorded consists of letters, digits, '_' and '-'.
void append_ledger_line(std::string& out, const ledger_entry& entry)
{
    fmt::format_to(
        std::back_inserter(out),
        R"({{"t":{},"ta":{},"conn":{},"req":{},"route":"{}","kind":"{}","token":"{}","status":{},)"
        R"("executed":{},"fault":"{}"}})"
        "\n",
        nanoseconds_of(entry.received),
        nanoseconds_of(entry.answered),
        entry.connection,
        entry.request,
        to_string(entry.route),
        entry.kind,
        entry.token,
        entry.status,
        entry.executed,
        entry.fault
    );
}

ledger::ledger(const std::string& file, bool in_memory) : in_memory_(in_memory)
{
    if (file.empty())
        return;
    descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot open the ledger " + file);
}

ledger::~ledger()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

void ledger::record(const ledger_entry& entry)
{
    if (in_memory_) {
        const std::lock_guard lock(mutex_);
        entries_.push_back(entry);
        grown_.notify_all();
    }
    if (descriptor_ < 0)
        return;
    append_ledger_line(buffer_, entry);
    if (buffer_.size() >= buffer_bytes_max)
        flush();
}

void ledger::flush()
{
    std::string_view left = buffer_;
    while (!left.empty()) {
        const auto written = ::write(descriptor_, left.data(), left.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throw std::system_error(errno, std::generic_category(), "cannot write the ledger");
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
}

std::vector<ledger_entry> ledger::snapshot() const
{
    const std::lock_guard lock(mutex_);
    return entries_;
}

bool ledger::wait_for(std::size_t count, std::chrono::milliseconds patience) const
{
    std::unique_lock lock(mutex_);
    return grown_.wait_for(lock, patience, [&] { return entries_.size() >= count; });
}

}  // namespace sandbox
