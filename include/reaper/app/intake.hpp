#pragma once
// Takes dropped files in (SPEC 3, 4): looks around in the folders, decides, and brings one small
// and one big file at a time to active/ or rejected/. Driven by the loop in bounded pieces; nothing
// that goes wrong here loses a file, and nothing of it stops the other files.

#include "reaper/app/intake_folder.hpp"
#include "reaper/app/taking.hpp"
#include "reaper/base/time.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/watch_event.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/model/status.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace reaper {

class intake_events
{
public:
    virtual ~intake_events() = default;

    // The job is in active/, durably. It may be told a second time, of a job that recovery has
    // found or that was told before: the last step, removing the claim, is done again after
    // trouble.
    virtual void job_taken(const job_manifest& manifest, const job_state& state) = 0;
    virtual void file_rejected(const rejection& why) = 0;
};

class intake
{
public:
    struct mode
    {
        bool only_first_scan = false;  // takes what that sees, and no more (`once`)
        std::uint64_t seed = 0;        // of the four digits that tell jobs of one second apart
    };

    // `events` must outlive it.
    intake(spool_paths spool, settings config, intake_events& events, mode how);

    // At a start, before the first step: removes what half-done attempts left in active/, except
    // for what claims still need.
    [[nodiscard]] result<void> clean_up();

    // After a reload. Files that are being taken in go on under the old settings.
    void apply(settings config);

    // `control` events are not for the intake.
    void hint(const watch_event& event);

    // One bounded piece of work. True if there is more to do at once; else next_look() says when.
    bool step(instant now);
    [[nodiscard]] mono_time next_look() const;

    // `only_first_scan`: nothing is left that it saw, but for files that need a person.
    [[nodiscard]] bool is_done() const;

    // Files that are not taken in, and why.
    [[nodiscard]] std::vector<intake_problem> problems() const;

private:
    // A claim that could not be taken in, and is tried again.
    struct stalled_claim
    {
        taking_source source;
        std::string why;
        duration pause{};
        mono_time retry_at{};
    };

    using slot = std::unique_ptr<taking>;

    void rebuild_folders();
    bool start_one(slot& free, bool small, instant now);
    bool start_stalled(slot& free, bool small, instant now);
    void begin(slot& free, taking_source source);
    bool work_on(slot& busy, instant now);
    void finish(slot& busy, taking_status how, instant now);
    void note_trouble(const taking& failed, intake_folder* folder, instant now);
    void pause_all(std::string why, instant now);

    [[nodiscard]] bool may_start(instant now) const { return now.mono >= disk_retry_at_; }

    [[nodiscard]] result<std::string> choose_id(const taking_source& source, instant now);
    [[nodiscard]] result<bool> is_unused(const std::string& id, const std::string& account) const;
    [[nodiscard]] intake_folder* folder_of(const std::string& account);

    spool_paths spool_;
    std::shared_ptr<const settings> config_;
    intake_events& events_;
    bool only_first_scan_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<intake_folder>> folders_;
    std::size_t next_folder_ = 0;  // whose turn it is

    slot small_;
    slot big_;
    unsigned small_turns_ = 0;    // since the big one had one
    std::set<std::string> busy_;  // ids of claims in the slots and of stalled ones
    std::map<std::string, stalled_claim> stalled_;  // by id

    // Trouble that concerns every file: a full disk, no descriptors.
    std::string disk_trouble_;
    duration disk_pause_{};
    mono_time disk_retry_at_ = mono_time::min();
};

}  // namespace reaper
