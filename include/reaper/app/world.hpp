#pragma once
// The world behind the engine's ports: connections, files, the log. What the engine asks for and
// what ends later comes back to it as an event, between two of its turns.

#include "reaper/app/account_keeper.hpp"
#include "reaper/app/finish.hpp"
#include "reaper/app/job_store.hpp"
#include "reaper/engine/engine.hpp"
#include "reaper/engine/ports.hpp"
#include "reaper/io/connection.hpp"
#include "reaper/io/file_lock.hpp"
#include "reaper/io/limit_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/syncer.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace reaper {

class world final : public ports
{
public:
    // What the world stands on. The event loop gives all of it.
    struct ground
    {
        connector& connections;
        syncer& syncs;
        syncer& mark_syncs;
        std::function<instant()> clocks;
        // Called when the engine has something new to look at: give it a turn soon.
        std::function<void()> on_event;
    };

    world(ground on, const spool_paths& spool, account_keeper& accounts, std::uint64_t free_floor);
    ~world() override;

    void set_free_floor(std::uint64_t bytes) { store_.set_free_floor(bytes); }

    // The engine that the events go to. Call it before the engine gets its first turn.
    void attach(engine& to) { engine_ = &to; }

    // Hands over what has ended since the last turn. True if there was anything.
    bool deliver(instant now);

    // Limits that other processes have: looks whether they are free again, and whether somebody
    // asks for one of ours is the daemon's to say.
    void retry_limits(instant now);

    [[nodiscard]] bool has_lent_limits() const { return !lent_limits_.empty(); }

    // --- ports
    void open_link(link_id link, const std::string& account) override;
    void send(link_id link, std::string_view token) override;
    void flush(link_id link) override;
    void close_link(link_id link) override;
    result<std::size_t> read_input(
        const std::string& job, std::uint64_t offset, std::span<char> into
    ) override;
    result<void> reserve(const std::string& job, std::uint64_t upto) override;
    result<void> write_results(const std::string& job, std::uint64_t offset, std::string_view bytes)
        override;
    void sync_results(const std::string& job) override;
    void write_mark(const std::string& job, const send_mark& mark) override;
    result<void> store_state(const std::string& job, const job_state& state) override;
    result<void> note_first_send(const std::string& job) override;
    void finish(const std::string& job, const job_summary& summary) override;
    result<void> claim_limit(const std::string& limit) override;
    std::optional<limit_state> load_limit(const std::string& limit) override;
    result<void> store_limit(const limit_state& state) override;
    void note_limit(const limit_state& state) override;
    void yield_limit(const std::string& limit) override;
    result<void> store_proof(const std::string& account) override;
    std::string presentable(std::string_view text) override;
    void report(const notice& what) override;

    // The hash of a job's input, for the guard against the same file twice: set when it is added.
    void note_job(const job_manifest& manifest);

private:
    class outlet;
    friend class outlet;

    void later(std::function<void(instant)> event);
    bool step_finishing(instant now);

    ground ground_;
    const spool_paths& spool_;
    account_keeper& accounts_;
    job_store store_;
    limit_files limits_;
    engine* engine_ = nullptr;
    std::unordered_map<link_id, std::unique_ptr<outlet>> outlets_;
    std::vector<std::unique_ptr<outlet>> closed_outlets_;  // until the turn is over
    outlet* sending_ = nullptr;  // that was sent to last, while it is open
    std::vector<std::function<void(instant)>> ended_;
    std::unordered_map<std::string, job_manifest> manifests_;
    std::map<std::string, job_finisher> finishing_;
    std::unordered_map<std::string, file_lock> limit_locks_;
    std::vector<std::string> lent_limits_;  // another process has them
};

}  // namespace reaper
