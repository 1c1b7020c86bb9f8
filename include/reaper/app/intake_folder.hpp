#pragma once
// One drop folder, incoming/ or incoming/<account>/: what lies in it, what is ready to be taken in,
// and what an operator should know about the rest. It is read in bounded pieces, and
// level-triggered: hints make it prompt, the periodic scan makes it right.

#include "reaper/app/taking.hpp"
#include "reaper/base/time.hpp"
#include "reaper/core/intake_policy.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/model/status.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reaper {

class intake_folder
{
public:
    // `account` is empty for incoming/ itself.
    intake_folder(std::string path, std::string account, const intake_settings& pace);

    // New settings; the folder is scanned again.
    void apply(const intake_settings& pace);

    // Something happened to `name`. Cheap; it is looked at in look_around().
    void hint(std::string name, bool renamed_in);

    // Anything may have happened.
    void rescan() { scan_wanted_ = true; }

    // Only what the first scan sees is taken: no other follows it, and hints are ignored.
    void scan_only_once() { only_once_ = true; }

    // Looks at up to `count_max` entries. `busy` holds the ids of claims that are in hand;
    // sub-folders of incoming/ must be accounts of `config`. True if there is more to look at now.
    bool look_around(
        instant now,
        std::size_t count_max,
        const settings& config,
        const std::set<std::string>& busy
    );

    // The next file that is ready, small or big ones; nullopt if none is. It has been looked at
    // again and is still ready.
    [[nodiscard]] std::optional<taking_source> next_ready(bool small, instant now);
    // When next_ready() is worth asking: mono_never if nothing is ready.
    [[nodiscard]] mono_time ready_at() const;

    // It could not be taken in; it still lies there under its name.
    void put_back(const taking_source& source);
    // No file can be taken out of this folder: none is ready before a growing pause is over.
    void hold_off(std::string why, instant now);
    void note_success();
    // It does not lie there any more.
    void forget(const std::string& name);

    // When to look around again, if nothing happens.
    [[nodiscard]] mono_time next_look() const;
    // True if nothing that the scans saw is still waiting or ready.
    [[nodiscard]] bool is_done() const;

    void add_problems(std::vector<intake_problem>& problems) const;

    [[nodiscard]] const std::string& account() const { return account_; }

private:
    void begin_scan();
    void end_scan(instant now);
    void scan_some(
        instant now,
        std::size_t count_max,
        const settings& config,
        const std::set<std::string>& busy
    );
    void
    look(int directory, const std::string& name, bool renamed_in, instant now, const settings&);
    bool look_at_claim(int directory, const std::string& name, const std::set<std::string>& busy);
    void look_at_named(instant now, std::size_t count_max, const settings& config);
    void make_ready(taking_source source);
    void note_problem(const std::string& name, std::string why);
    [[nodiscard]] bool is_crowded() const;

    std::string path_;
    std::string account_;
    duration rescan_;
    intake_policy policy_;

    std::optional<directory_listing> scan_;  // under way; it pauses while too much is ready
    bool scan_wanted_ = true;
    bool only_once_ = false;
    bool scanned_once_ = false;
    mono_time next_scan_{};
    std::deque<std::pair<std::string, bool>> hints_;  // name, renamed in

    std::deque<taking_source> small_;
    std::deque<taking_source> big_;
    std::set<std::string> ready_;  // names in the two

    std::map<std::string, std::string> problems_;  // why, by name
    std::set<std::string> problems_seen_;          // in the scan that is under way
    std::uint64_t problems_beyond_ = 0;            // more than are kept
    std::string trouble_;                          // why the folder cannot be read
    std::string hold_off_;                         // why nothing can be taken out of it
    duration pause_{};
    mono_time ready_again_at_ = mono_time::min();
};

}  // namespace reaper
