#pragma once
// Calls of the modelled disk that fail because a test says so.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

enum class call_kind : std::uint8_t
{
    open,
    close,  // never fails, and no hook sees it: destructors call it
    read,
    write,
    sync,
    sync_range,
    rename,
    link,
    unlink,
    make_directory,
    remove_directory,
    stat,
    list,
    reserve,
    resize,
    space,
    lock,
    lease,
    mode,
};

[[nodiscard]] std::string_view to_string(call_kind kind);

// Whether the kernel would ever answer `kind` with this error.
[[nodiscard]] bool may_fail_with(call_kind kind, int error);

inline constexpr std::uint64_t for_good = std::numeric_limits<std::uint64_t>::max();

struct fault_rule
{
    // Which calls: all kinds that may fail with `error`, and every path, unless said.
    std::optional<call_kind> kind{};
    std::string path_part{};

    std::uint64_t skip = 0;   // so many of those calls pass first
    std::uint64_t times = 1;  // so many fail then: once, or for_good

    int error = EIO;  // 0: not an error but a short transfer of at most `bytes_max`
    std::size_t bytes_max = 1;
    bool takes_effect = false;  // done, and reported as failed all the same (NFS)
};

// What becomes of one call.
struct verdict
{
    int error = 0;
    std::size_t bytes_max = std::numeric_limits<std::size_t>::max();
    bool takes_effect = false;
};

class disk_faults
{
public:
    void add(fault_rule rule) { rules_.push_back({std::move(rule), 0}); }

    void clear() { rules_.clear(); }

    // How many calls have failed, or were cut short, by a rule.
    [[nodiscard]] std::uint64_t hits() const { return hits_; }

    [[nodiscard]] verdict judge(call_kind kind, std::string_view path);

private:
    struct counted_rule
    {
        fault_rule rule;
        std::uint64_t seen;
    };

    std::vector<counted_rule> rules_;
    std::uint64_t hits_ = 0;
};

}  // namespace reaper::test
