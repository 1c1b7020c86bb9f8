#pragma once
// The spool directory (SPEC 3, docs/journal.md): where everything lies, and opening it for a
// daemon. A job is a directory, and its state is the directory that holds it.

#include "reaper/base/result.hpp"
#include "reaper/io/file_lock.hpp"
#include "reaper/model/status.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reaper {

struct spool_paths
{
    explicit spool_paths(std::string root_directory);

    std::string root;
    std::string incoming;
    std::string control;
    std::string active;
    std::string done;
    std::string rejected;
    std::string state;
    std::string limits;  // state/limits
    std::string proofs;  // state/proofs
    std::string sent;    // state/sent

    // incoming/, or incoming/<account>/ for a named one.
    [[nodiscard]] std::string folder_of(std::string_view account) const;
    [[nodiscard]] std::string active_job(std::string_view id) const;
    [[nodiscard]] std::string done_job(std::string_view id) const;
    [[nodiscard]] std::string rejected_job(std::string_view id) const;
    // active/.<id>.new: a job that is being taken in.
    [[nodiscard]] std::string staging(std::string_view id) const;
};

// Names of the files of a job.
inline constexpr std::string_view input_file = "input";
inline constexpr std::string_view manifest_file = "job.json";
inline constexpr std::string_view state_file = "state.json";
inline constexpr std::string_view results_file = "results.jsonl";
inline constexpr std::string_view mark_file_name = "mark";
inline constexpr std::string_view summary_file = "summary.json";
inline constexpr std::string_view remaining_file = "remaining.txt";
inline constexpr std::string_view reason_file = "reason.json";
inline constexpr std::string_view origin_file = "origin.json";  // in a staging directory only

// .<id>.claim, and the id of such a name (empty if it is none).
[[nodiscard]] std::string claim_name(std::string_view id);
[[nodiscard]] std::string_view claimed_id(std::string_view file_name);

enum class job_place
{
    nowhere,
    active,
    done,
    rejected,
};

// Where a job is. A fault if the disk does not say.
[[nodiscard]] result<job_place> find_job(const spool_paths& spool, std::string_view id);

// The ids of the jobs in a directory (active, done or rejected), sorted: oldest first.
[[nodiscard]] result<std::vector<std::string>> list_jobs(const std::string& directory);

// The ids of jobs that a crash left half taken in: active/.<id>.new.
[[nodiscard]] result<std::vector<std::string>> list_staging(const spool_paths& spool);

// A spool that is ours: locked until destruction.
struct open_spool
{
    spool_paths paths;
    file_lock lock;
    // What the daemon can live with but should not have to: modes that let too many people in. It
    // reports them and changes nothing (SPEC 3).
    std::vector<intake_problem> warnings;
};

// Makes the directories that are missing, takes the lock, and proves that jobs can move between the
// directories. `holder` ("<pid> <host>") is written to the lock for the reader. A fault names the
// mend; its error_number is EWOULDBLOCK if another daemon has the spool.
[[nodiscard]] result<open_spool> open_spool_at(
    const std::string& root, const std::vector<std::string>& accounts, const std::string& holder
);

// Makes incoming/<account>/ where it is missing: at a start, and when a reload brings new accounts.
// Accounts whose folder cannot be made are reported; the others work.
[[nodiscard]] std::vector<intake_problem> ensure_account_folders(
    const spool_paths& spool, const std::vector<std::string>& accounts
);

}  // namespace reaper
