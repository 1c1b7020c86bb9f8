#pragma once
// The world of the engine, in memory and in virtual time: a disk, an API, connections. Everything
// that takes time is an event; run_until() jumps from one to the next. Whatever the engine does,
// the world checks what SPEC promises (P1 to P5, the gate, windows, holds) at every send and at the
// end of every job, and fails the test: a test only scripts what happens and says what comes of it.

#include "reaper/engine/engine.hpp"
#include "support/fake_api.hpp"
#include "support/fake_disk.hpp"

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace reaper::test {

using namespace std::chrono_literals;

// Thrown out of a port by crash_at_call: the process is gone.
struct crashed
{
};

struct sent_request
{
    mono_time at{};
    std::string job;
    std::uint64_t n = 0;
    std::string account;
    link_id link = 0;
};

class fake_world : public ports
{
public:
    // One account, "prod", under the limit "key-prod", with a proven route and no jobs.
    fake_world();
    ~fake_world() override;

    // --- what a test sets ------------------------------------------------------------------------
    settings config;
    std::vector<account_setup> accounts;
    fake_disk disk;
    api_script api = honest;
    std::unordered_set<std::string> campaigns;  // those that are there; add() adds a job's tokens
    std::function<std::string(const std::string& account)> connect;  // a fault, or empty
    std::size_t piece_bytes = 0;        // answers come in pieces of so many bytes; 0: whole
    std::set<std::string> lent_limits;  // another process has them
    std::optional<fault> no_claims;     // why no limit can be had
    std::string boot_id = "boot-1";
    duration wall_shift{};  // somebody sets the wall clock
    duration disk_delay = 2ms;
    bool notes_arrive = true;  // what is noted without waiting reaches the disk

    // Calls of ports that can fail, from 1: those in the range do, with this errno.
    std::uint64_t fail_from = 0;
    std::uint64_t fail_upto = 0;
    int fail_with = ENOSPC;
    std::uint64_t crash_at_call = 0;  // of all calls, from 1

    account_setup& setup(const std::string& name = "prod");
    account_setup& add_account(const std::string& name, const std::string& limit);

    // --- life ------------------------------------------------------------------------------------
    // A daemon starts on the disk as it is.
    void start();
    void crash(crash_tail tail = crash_tail::lost);
    // Stops it cleanly; false if it did not get that far.
    bool stop(duration drain = 25s);

    [[nodiscard]] engine& daemon() { return *engine_; }

    // `accounts` and `config` as they are now, as SIGHUP has it.
    void reload();
    // The server ends a connection, if it is there.
    void close_by_server(link_id link);
    // Another process lets go of a limit.
    void give_back(const std::string& limit);
    // Takes a job in, and hands it to the daemon if one runs.
    job_files& add(const job_spec& spec);
    job_files& add(std::size_t count, const std::string& id = "job", std::uint64_t first = 1);

    // --- time ------------------------------------------------------------------------------------
    bool run_until(const std::function<bool()>& done, duration at_most = 1h);
    void run_for(duration time);
    // Until every job is done.
    bool run_to_end(duration at_most = 1h);
    [[nodiscard]] instant now() const;

    [[nodiscard]] duration since_start() const { return now_ - started_at_; }

    void at(duration from_now, std::function<void()> event);

    // --- what has happened -----------------------------------------------------------------------
    std::vector<sent_request> sent;
    std::vector<notice> notices;
    std::vector<std::string> yielded_limits;
    std::vector<std::pair<mono_time, limit_state>> noted_limits;  // without waiting for the disk
    std::vector<mono_time> connects;
    std::vector<mono_time> throttled_at;  // 429 answers read
    std::uint64_t calls = 0;
    std::uint64_t turns = 0;  // that the engine got
    std::uint64_t fallible_calls = 0;

    [[nodiscard]] job_files& job(const std::string& id = "job") { return disk.jobs.at(id); }

    [[nodiscard]] outcome_counts outcomes(const std::string& id = "job") const;
    [[nodiscard]] std::map<std::uint64_t, result_record> records(const std::string& id = "job")
        const;
    [[nodiscard]] job_view view(const std::string& id = "job") const;
    [[nodiscard]] bool is_done(const std::string& id = "job") const;
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] unsigned asked(const std::string& token) const;
    [[nodiscard]] bool reported(const std::string& part) const;
    [[nodiscard]] std::size_t sends_since(mono_time from) const;

    // --- ports -----------------------------------------------------------------------------------
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

private:
    struct flight
    {
        std::string token;
        std::uint64_t number = 0;
        job_files* files = nullptr;
        std::uint64_t n = 0;
    };

    struct connection
    {
        std::string account;
        std::string limit;
        bool up = false;
        bool writing = false;
        bool over = false;  // the server answers no more
        bool clean_reply = false;
        std::deque<flight> unanswered;
        std::size_t flushed = 0;  // of them
        std::uint64_t requests = 0;
        mono_time free_at{};  // when the server is done with what came before
    };

    // What the world knows of a limit, beside the engine.
    struct limit_truth
    {
        bool owned = false;
        bool silent = false;  // a canary goes first
        mono_time opens_at{};
        std::uint64_t canary = 0;  // request number while it is out
        std::uint64_t in_flight = 0;
    };

    void hand_over(job_files& files);
    void called();
    [[nodiscard]] result<void> fallible(const std::string& what);
    void expect(bool holds, const std::string& what) const;
    void later(duration delay, std::function<void()> event);

    // fake_world_checks.cpp
    void check_send(const connection& on, const flight& what);
    void check_gate(const connection& on, const flight& what);
    void check_durable(const flight& what) const;
    void check_room(const job_files& files, std::size_t in_flight) const;
    void note_answer(connection& on, const flight& what, const api_reply& reply);
    void note_lost(connection& on);
    void audit(const job_files& files) const;

    void serve(link_id link, connection& on, const flight& what);
    void deliver(link_id link, const api_reply& reply, std::uint64_t number);
    void receive(link_id link, std::string bytes, bool last, const api_reply& reply);
    [[nodiscard]] flight find_token(const std::string& token) const;
    [[nodiscard]] bool is_proven(const std::string& account) const;

    std::unique_ptr<engine> engine_;
    std::uint64_t life_ = 0;  // of the daemon: events of an earlier one are void
    mono_time now_{};
    mono_time started_at_{};
    std::multimap<mono_time, std::function<void()>> events_;
    std::map<link_id, connection> links_;
    std::map<std::string, limit_truth> limits_;
    std::unordered_map<std::string, std::vector<std::pair<job_files*, std::uint64_t>>> by_token_;
    std::unordered_map<std::string, unsigned> asked_;
    mutable std::unordered_map<std::string, unsigned> sent_times_;
    std::unordered_map<std::string, const job_files*> removed_;  // by a request of this job
    std::unordered_set<std::string> acknowledged_;               // 2xx, read in full
    // Records that there must be, from the answers of the API and what was there before.
    std::map<const job_files*, std::uint64_t> settled_answers_;
    std::set<std::string> proven_;
    std::uint64_t requests_ = 0;
    bool has_crashed_ = false;
    bool needs_no_turn_ = false;  // the event that was the last
};

}  // namespace reaper::test
