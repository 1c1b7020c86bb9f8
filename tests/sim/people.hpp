#pragma once
// Everybody around the daemon in a simulated run: those who drop files, whole and in pieces; those
// who hold, release and cancel; the administrator, the service manager, and bad luck. They keep a
// diary of what they did, for the oracle.

#include "sim/api_model.hpp"
#include "sim/disk_model.hpp"
#include "sim/event_queue.hpp"
#include "sim/job_plan.hpp"
#include "sim/machine.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reaper::test {

// A file that somebody dropped.
struct dropped_file
{
    job_plan plan;
    std::string edited{};  // what was written to it after it had been dropped whole
};

// An order that lies, or lay, in control/.
struct given_order
{
    std::string job{};
    std::string verb{};
    mono_time given_at{};
    mono_time obeyed_at = mono_never;  // the daemon has taken it away
};

// Where an order lies until the daemon has obeyed it.
[[nodiscard]] std::string order_path(const std::string& job, const std::string& verb);

class people
{
public:
    people(
        event_queue& clock, disk_model& disk, api_model& api, machine& daemon, random_source random
    );

    // Keys, folders, the first start, and a plan of what they will do until it is calm.
    void begin();
    // They only mend from now on: the disk, the keys, the clock. And release what is held.
    void calm_down();
    // A last file, with which nothing is wrong.
    void drop_fresh();

    // Looks after the daemon and the orders; call it after every event.
    void look();

    // Files that were dropped and jobs that were taken, and are not done.
    [[nodiscard]] std::vector<std::string> what_is_left() const;

    [[nodiscard]] const std::vector<dropped_file>& files() const { return files_; }

    [[nodiscard]] const std::vector<given_order>& orders() const { return orders_; }

    [[nodiscard]] std::size_t app_of(const std::string& account) const;

    // Every key that was ever in use.
    std::vector<std::string> keys;

private:
    void write_keys();
    void plan_mischief();
    void start_soon();
    void release_all();

    // --- deeds (people_deeds.cpp)
    void do_something();
    void drop_some();
    void drop_whole(const job_plan& plan);
    void drop_slowly(const job_plan& plan);
    void write_on(std::size_t file, std::string path, std::size_t done);
    void edit_taken();
    void give_order();
    void put_release(const job_view& job);
    void put_order(const std::string& job, const std::string& verb, const std::string& content);
    void change_keys();
    void reload_something();
    void shift_wall(duration by);
    void break_disk();
    void mend_disk();

    [[nodiscard]] plan_wishes wishes();
    [[nodiscard]] std::string claim_of(const std::string& bytes) const;
    [[nodiscard]] std::string folder_path(const std::string& folder) const;
    [[nodiscard]] std::int64_t unix_now() const;
    void add_campaigns(const job_plan& plan, bool all);

    event_queue& clock_;
    disk_model& disk_;
    api_model& api_;
    machine& daemon_;
    random_source random_;
    std::vector<dropped_file> files_;
    std::vector<given_order> orders_;
    std::map<std::string, std::size_t> apps_;  // by account
    std::map<std::string, std::pair<std::string, std::string>> keys_of_;
    std::uint64_t next_token_ = 1;
    std::uint64_t key_changes_ = 0;
    bool start_planned_ = false;
    bool is_calm_ = false;
    mono_time release_at_{};
    duration shifted_{};
};

}  // namespace reaper::test
