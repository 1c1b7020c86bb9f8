#pragma once
// A disk in memory, with the semantics of a crash, on which the daemon's real code runs: while a
// model is active, the C library's calls on files below its root (and on /proc's boot id) go to it
// (posix_wrap.hpp). One seed is one behaviour: no pointer, hash or clock of the machine has a say.
//
// What a power cut may do to content is told in disk_content.hpp, what it may do to names in
// disk_tree.hpp.
//
// A process ends in three steps: die(), or an exception thrown by the hook in the midst of a call;
// then the driver destroys the daemon's objects, whose calls do nothing any more; then kill() or
// crash() says what the next process finds.

#include "sim/disk_calls.hpp"
#include "sim/disk_core.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

// Whether what another program did is on the disk already.
enum class durability
{
    none,
    at_once,
};

class disk_model
{
public:
    // Routes the calls of this thread to the model as long as it lives. One at a time.
    class activation
    {
    public:
        explicit activation(disk_model& model);
        ~activation();

        activation(const activation&) = delete;
        activation& operator=(const activation&) = delete;
    };

    explicit disk_model(disk_settings settings = {});

    disk_model(const disk_model&) = delete;
    disk_model& operator=(const disk_model&) = delete;

    [[nodiscard]] activation activate() { return activation{*this}; }

    [[nodiscard]] static disk_model* active();

    // Nanoseconds of the wall clock, for the times of files. Without it each call takes 1 us.
    void set_clock(std::function<std::int64_t()> wall_ns);

    // Called before each call but close(). It may throw, which ends the process (disk_core::enter
    // says how), or call die(), after which the calls only fail.
    void set_hook(std::function<void(call_kind, std::string_view path)> hook);

    // A sync takes `each`, which is passed by `pass`.
    void set_sync_time(
        std::chrono::nanoseconds each, std::function<void(std::chrono::nanoseconds)> pass
    );

    // Less than is used means full.
    void set_capacity(std::uint64_t bytes);

    [[nodiscard]] disk_faults& faults() { return core_.faults; }

    [[nodiscard]] std::uint64_t calls() const { return core_.calls; }

    [[nodiscard]] std::uint64_t free_bytes() const { return core_.free_bytes(); }

    [[nodiscard]] std::size_t open_files() const { return posix_.open_files(); }

    // How often a descriptor was used that was closed before: a defect of the code.
    [[nodiscard]] std::uint64_t misuses() const { return posix_.misuses(); }

    // --- the end of the process

    void die() { core_.die(); }

    [[nodiscard]] bool is_dead() const { return core_.dead; }

    // kill -9: what was written stays, descriptors and locks are gone.
    void kill();

    // A power cut: what was synced stays. By chance unless `order` says what names can rely on.
    void crash(survival how, std::optional<name_order> order = std::nullopt);

    // What getpid() says: another one for each process.
    [[nodiscard]] int process_id() const { return process_id_; }

    // --- other programs. No hook, no fault and no count; impossible things throw std::logic_error.

    void make_directories(std::string_view path, durability lasts = durability::at_once);
    void put_file(
        std::string_view path, std::string_view bytes, durability lasts = durability::none
    );
    void append(std::string_view path, std::string_view bytes, durability lasts = durability::none);
    void rename(std::string_view from, std::string_view to, durability lasts = durability::none);
    void remove(std::string_view path, durability lasts = durability::none);
    void hard_link(std::string_view from, std::string_view to);
    void set_mode(std::string_view path, mode_t permissions);
    void put_symlink(std::string_view path, std::string_view target);
    void put_fifo(std::string_view path);

    // Some program has it open for writing, as a read lease tells.
    void set_writer(std::string_view path, bool is_there);

    // Some program takes the file's lock; false if another has it. It makes the file.
    bool take_lock(std::string_view path);
    void drop_lock(std::string_view path);

    [[nodiscard]] bool exists(std::string_view path) const;
    [[nodiscard]] std::string read_file(std::string_view path) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view path) const;

    // How many bytes more are reserved for the file than it holds.
    [[nodiscard]] std::uint64_t reserve_left(std::string_view path) const;

    // What a power cut is sure to leave of the content.
    [[nodiscard]] std::string durable_content(std::string_view path) const;

    // --- for posix_wrap_*.cpp

    [[nodiscard]] disk_calls& posix() { return posix_; }

    [[nodiscard]] bool owns(std::string_view path) const { return core_.owns(path); }

    [[nodiscard]] std::uint64_t random() { return core_.chance.next(); }

private:
    [[nodiscard]] tree_place place_of(std::string_view path) const;
    [[nodiscard]] inode& node_at(std::string_view path) const;
    inode& put_node(std::string_view path, mode_t mode);
    void settle(std::string_view path, durability lasts);

    disk_core core_;
    disk_calls posix_{core_};
    int process_id_ = 1000;
    int other_program_ = 0;  // its address owns the locks of other programs
};

}  // namespace reaper::test
