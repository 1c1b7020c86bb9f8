#pragma once
// Decides when a dropped file is whole, and what is not a job file at all (SPEC 3). A closed file
// is not a complete one: only a rename says so; anything else has to lie still for `settle` with
// nobody writing to it. The policy remembers its earlier looks at one directory and says when to
// look again.

#include "reaper/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reaper {

enum class file_kind : std::uint8_t
{
    regular,
    directory,
    symlink,
    fifo,
    socket,
    device,
};

// Whether a process has the file open for writing. The kernel does not tell everybody.
enum class writers : std::uint8_t
{
    none,
    some,
    untold,
};

// What one look at a directory entry found.
struct entry_facts
{
    std::string name;
    file_kind kind = file_kind::regular;
    std::uint64_t links = 1;
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint32_t owner = 0;
    bool readable = true;
    bool renamed_in = false;  // this look was caused by the rename that brought the file here
    writers open_by = writers::untold;
};

enum class intake_step : std::uint8_t
{
    leave,  // none of our business, or not until it changes
    wait,   // look again at `look_at`, or sooner if something happens
    take,
};

struct intake_verdict
{
    intake_step step = intake_step::leave;
    mono_time look_at = mono_never;
    std::string why;  // not empty: an operator should know, and this sentence says what to do
};

class intake_policy
{
public:
    explicit intake_policy(duration settle, std::size_t tracked_max = 16'384);

    // Names that belong to files in the making or to nobody: dot files, *.tmp, *.part and the like.
    [[nodiscard]] static bool is_left_alone(std::string_view name);

    // One look. When the table is full a file that is not in it waits without being remembered.
    [[nodiscard]] intake_verdict look(const entry_facts& facts, mono_time now);

    // The file is gone: taken, removed or renamed away.
    void forget(const std::string& name);

    // A round is one scan of the whole directory: what it has not seen by its end is not there.
    void begin_round() { ++round_; }

    void forget_unseen();

    // Up to `count_max` names whose next look is due. Each must be looked at, or forgotten.
    [[nodiscard]] std::vector<std::string> due(mono_time now, std::size_t count_max) const;
    [[nodiscard]] mono_time next_look() const;

    // True while files are waited for. Those that only a person can mend do not count.
    [[nodiscard]] bool is_waiting() const { return !agenda_.empty(); }

    [[nodiscard]] bool is_full() const { return tracked_.size() >= tracked_max_; }

    void set_settle(duration settle) { settle_ = settle; }

private:
    struct sighting
    {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::uint64_t size = 0;
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0;

        friend bool operator==(const sighting&, const sighting&) = default;
    };

    struct entry
    {
        std::optional<sighting> seen;
        mono_time first_seen{};  // the name
        mono_time same_since{};
        mono_time look_at = mono_never;
        std::uint64_t round = 0;  // in which it was seen last
        bool renamed_in = false;  // true as long as it is what was renamed in
    };

    intake_verdict judge(entry& known, const entry_facts& facts, mono_time now) const;
    void schedule(const std::string& name, entry& known, mono_time look_at);

    duration settle_;
    std::size_t tracked_max_;
    std::uint64_t round_ = 0;
    std::map<std::string, entry> tracked_;
    std::set<std::pair<mono_time, std::string>> agenda_;  // those with a next look
};

}  // namespace reaper
