#pragma once
// The engine decides: what is sent when, on which connection, what an answer means, what is written
// and when, what waits and why. It is fed events, asks the world through its ports, and is
// otherwise pure: the daemon drives it with sockets and files, a simulation with models of them.
//
//     event(s) -> engine -> ports           then: advance(now) -> the instant to call it again
//
// Invariants (docs/ARCHITECTURE.md numbers them): nothing is sent while the gate is shut; nothing
// is sent whose mark is not durable or whose record has no room; an answer goes to the oldest
// request of its connection or to nobody; a token has one record.

#include "reaper/core/answer.hpp"
#include "reaper/engine/account.hpp"
#include "reaper/engine/job.hpp"
#include "reaper/engine/limit.hpp"
#include "reaper/engine/link.hpp"
#include "reaper/engine/ports.hpp"
#include "reaper/model/answer.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/model/status.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reaper {

struct ended_job
{
    std::string id;
    outcome_counts outcomes;
};

class engine
{
public:
    // `boot_id` tells whether stored instants of the monotonic clock still mean something.
    engine(ports& world, std::string boot_id, std::uint64_t seed);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    // --- configuration: at the start, and after a reload
    void configure(const settings& config, std::vector<account_setup> accounts, instant now);
    // Keys, CA or lists of one account changed.
    void refresh_account(account_setup setup, instant now);

    // --- jobs
    void add_job(recovered_job from, instant now);
    [[nodiscard]] bool knows(std::string_view job_id) const;

    // What people ask. A fault says why nothing changed. Requires knows(job_id).
    [[nodiscard]] result<void> hold(std::string_view job_id, const std::string& by, instant now);
    [[nodiscard]] result<void> release(
        std::string_view job_id, const std::vector<std::uint64_t>& hold_ids, instant now
    );
    [[nodiscard]] result<void> cancel(std::string_view job_id, instant now);

    // --- what the world reports
    void connected(link_id link, instant now);
    void connect_failed(link_id link, std::string sentence, instant now);
    void received(link_id link, std::string_view bytes, instant now);
    // True if something waits for it: else the turn that wrote has said when the next one is
    // wanted.
    [[nodiscard]] bool written(link_id link);
    void closed(link_id link, const std::string& sentence, bool clean_end, instant now);
    void results_synced(std::string_view job_id, const result<void>& ended, instant now);
    void mark_written(std::string_view job_id, const result<void>& ended, instant now);
    void finished(std::string_view job_id, const result<void>& ended, instant now);
    void limit_wanted(const std::string& limit_id, instant now);
    void limit_acquired(const std::string& limit_id, instant now);

    // --- time
    // Does all that is due and returns when to come back at the latest (after any event at once).
    [[nodiscard]] mono_time advance(instant now);

    // Two-stage stop: nothing new is sent, answers are awaited until `deadline`; then connections
    // are closed. stopped() is true once everything is durable and the clean stop is stored.
    void stop(mono_time deadline, instant now);

    [[nodiscard]] bool stopped() const { return stopped_; }

    // --- questions
    [[nodiscard]] std::vector<job_view> job_views(instant now) const;
    [[nodiscard]] std::vector<account_view> account_views(instant now) const;
    [[nodiscard]] std::vector<limit_view> limit_views(instant now) const;

    [[nodiscard]] bool has_jobs() const { return !jobs_.empty(); }

    // True if no job can go on without a person, a key or a later time.
    [[nodiscard]] bool is_stuck(instant now) const;

    // Grows with every durable record and every answer that settles a token: progress, for `once`.
    // Being told to wait is none.
    [[nodiscard]] std::uint64_t progress() const { return progress_; }

    // Jobs that ended since the last call.
    [[nodiscard]] std::vector<ended_job> take_ended();

private:
    struct entry
    {
        std::unique_ptr<job> it;
        account* owner = nullptr;
        bool dirty = false;
        bool finishing = false;
        std::uint64_t waiting = 0;  // of its tokens, as counted in the account
        mono_time finish_again{};   // after a failure
        std::string finish_fault;   // which it was
        mono_time timer = mono_never;
        std::string waits_for;  // category of the last reason, for the log
        bool parked = false;    // in its account's order
    };

    // jobs
    entry* find(std::string_view job_id);
    void bind(entry& e);

    void touch(entry& e)
    {
        if (e.parked)
            unpark(e);
        mark_dirty(e);
    }

    void mark_dirty(entry& e)
    {
        if (!std::exchange(e.dirty, true))
            dirty_.push_back(e.it->key());
    }

    static void unpark(entry& e);
    static void park(account& a, entry& e);
    void service(entry& e, instant now);
    void set_timer(entry& e, mono_time at);
    [[nodiscard]] std::string dry_run_says(const entry& e, const job_summary& summary) const;
    void tick(instant now);
    [[nodiscard]] job::reason reason_of(const entry& e, instant now) const;
    [[nodiscard]] job::reason account_reason(const account& a, instant now) const;
    void wake_all(account& a);

    // accounts and limits
    limit& limit_of(const std::string& id, instant now);
    account& adopt(account_setup setup, instant now);
    void move_to_limit(account& a, limit& next, bool renewed, instant now);
    void rebind_jobs(instant now);
    [[nodiscard]] bool has_few_pending(const account& a) const;
    void reset_ceilings();
    void tell_backlogs();
    [[nodiscard]] static std::optional<learnt_pace> remembered_pace(
        const limit_state& stored, instant now
    );
    void take_gate(limit& l, const limit_state& stored, instant now) const;
    [[nodiscard]] bool store(limit& l, bool clean, instant now);
    [[nodiscard]] bool note_in_use(limit& l, instant now);
    void note_silence(limit& l, instant now);
    void yield_wanted(instant now);
    void keep_paces(instant now);
    [[nodiscard]] static std::optional<learnt_pace> learnt_of(const limit& l);
    [[nodiscard]] limit_state state_of(const limit& l, bool clean, instant now) const;
    void count_waiting(entry& e);

    // sending
    void pump(account& a, instant now);
    void open_links(account& a, instant now);
    void fill(account& a, link& l, instant now);
    bool paces(limit& under, instant now);

    struct run
    {
        const job::take_options& options;
        std::uint64_t count;  // of tokens, at most
    };

    [[nodiscard]] job::taken send_run(
        account& a, link& l, job& from, const run& bounds, instant now
    );
    [[nodiscard]] std::uint64_t may_send(account& a, link& l, std::uint64_t window, instant now);
    [[nodiscard]] std::uint64_t room_on(const account& a, const link& l, const job& next) const;
    void send(account& a, link& l, job& from, instant now);

    void want(mono_time at) { wake_ = std::min(wake_, at); }

    void service_dirty(instant now);

    // answers
    void take_answers(link& l, instant now);
    // False if it ended the connection.
    [[nodiscard]] bool on_answer(link& l, const answer& given, instant now);

    // An answer, the request that it belongs to, and what it means.
    struct judged
    {
        const pipeline<flight>::entry& owed;
        const answer& given;
        verdict meaning;
    };

    void tell_limit(link& l, const judged& done, instant now);
    void judge_token(account& a, const judged& done, instant now);
    void judge_failure(account& a, entry& e, const judged& done, verdict_note note, instant now);
    void on_blocked(account& a, entry& e, const flight& f, instant now);
    void on_gone(account& a, entry& e, const flight& f, verdict_note note, instant now);
    void on_unclear(account& a, const flight& f, const std::string& what, instant now);
    void prove_route(account& a, instant now);

    // links
    void lose(link& l, const std::string& what, bool charge_oldest, instant now);
    void drop(link& l);
    void check_links(instant now);
    void drain(link& l, instant now);

    // stopping
    void finish_stop(instant now);

    ports& world_;
    std::string boot_id_;
    std::mt19937_64 random_;
    settings config_;
    std::map<std::string, std::unique_ptr<limit>, std::less<>> limits_;
    std::map<std::string, std::unique_ptr<account>, std::less<>> accounts_;
    std::vector<std::unique_ptr<account>> retired_;
    std::unordered_map<link_id, std::unique_ptr<link>> links_;
    std::map<job_key, entry> jobs_;
    std::map<std::string, job_key, std::less<>> by_id_;
    std::vector<job_key> dirty_;
    std::set<std::pair<mono_time, job_key>> timers_;
    std::vector<ended_job> ended_;
    job_key next_key_ = 1;
    link_id next_link_ = 1;
    std::size_t first_account_ = 0;  // whose turn it is to be first under a shared limit
    mono_time wake_ = mono_never;
    mono_time ticked_at_{};
    std::uint64_t progress_ = 0;
    bool stopping_ = false;
    bool stopped_ = false;
    mono_time stop_deadline_ = mono_never;
};

}  // namespace reaper
