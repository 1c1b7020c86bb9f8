#pragma once
// One active job: which tokens are settled, which wait for another try, what may be sent next, and
// why not. It keeps the order on disk: a mark before a token is sent, room before a request, a
// record before its count is shown, a stored state before a hold or its release takes effect.
//
// Every token line is at any time exactly one of: not yet read from the feed, in ready_, in
// delayed_, in flight (held by a link of the engine), provisional, or settled (it has its record).

#include "reaper/core/breaker.hpp"
#include "reaper/core/commit_queue.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/core/scheduler.hpp"
#include "reaper/engine/guard_lists.hpp"
#include "reaper/engine/pending_token.hpp"
#include "reaper/engine/ports.hpp"
#include "reaper/engine/recovered_job.hpp"
#include "reaper/engine/token_feed.hpp"
#include "reaper/model/settings.hpp"
#include "reaper/model/status.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

class job
{
public:
    // The results log goes on where `from` says. It waits until bind() gives it an account.
    job(job_key key, recovered_job from, const results_settings& results, ports& world, instant now
    );

    // The account that the job belongs to now; null while it has none that fits, with the sentence
    // that says so. Both pointers must stay good until the next bind().
    void bind(const account_settings* account, const guard_lists* lists, std::string why_not);

    // --- sending
    struct take_options
    {
        bool may_take_new = true;  // false while the account's retry set is full
        bool probing = false;      // in an outage: whichever token waits longest
        bool route_proven = true;
        double pace_per_s = 0;  // how far ahead the mark is written
    };

    enum class taken : std::uint8_t
    {
        token,    // it is in flight now
        again,    // nothing yet, but there is more to look at
        nothing,  // until something changes
    };

    // False while something of its own keeps it from sending.
    [[nodiscard]] bool may_send(instant now) const;

    // The next token to send, written to `into`. Its mark is durable and the room for its record is
    // reserved.
    [[nodiscard]] taken take(const take_options& options, pending_token& into, instant now);

    // What the next new tokens of a turn have in common, looked at once instead of for each:
    // nothing waits before them, no list names them, they were never sent before, their records
    // have room, and nothing is to be done for their mark. It holds while nothing but taking
    // happens.
    struct clear_way
    {
        std::uint64_t tokens = 0;  // so many
        std::uint64_t upto = 0;    // with ordinals up to this
    };

    [[nodiscard]] clear_way clear_way_ahead(const take_options& options, instant now) const;

    // As take(), for a token on the way. False if the next one is none of those: ask take().
    [[nodiscard]] bool take_along(clear_way& way, pending_token& into, instant now);

    // --- what became of a token in flight
    // It counts as not sent (429, 401, 503): to the front.
    void put_back_unsent(pending_token token);
    // Its fate is unknown through no fault of its own, it stood behind a lost one: to the front.
    void put_back_unknown(pending_token token);
    // A probe of an outage that failed: behind all others, so that each probe is another token.
    void put_back_last(pending_token token);
    // Its fate is unknown and it was charged: tried again from `due` on.
    void put_back_later(pending_token token, mono_time due);
    // It has its outcome.
    void settle(const pending_token& token, const verdict_note& note, instant now);
    // 404 while the route is unproven: kept durably, not sent again, final with the proof.
    void settle_provisionally(const pending_token& token, const verdict_note& note, instant now);
    // The route is proven: what was provisional is final.
    void confirm_provisional(instant now);

    // --- what people and guards ask
    void add_hold(hold_cause cause, std::string sentence, instant now);
    // Each returns a fault if it could not be made durable; then nothing has changed.
    [[nodiscard]] result<void> hold_by_person(std::string sentence, instant now);
    [[nodiscard]] result<void> release(const std::vector<std::uint64_t>& hold_ids, instant now);
    [[nodiscard]] result<void> cancel(instant now);

    // --- work of its own
    // Syncs, marks, dry runs, endings. True if there is more to do at once.
    [[nodiscard]] bool service(instant now);
    void results_synced(const result<void>& ended, instant now);
    void mark_written(const result<void>& ended, instant now);
    // A clean stop: everything durable, and exactly the unknown tokens noted. Nothing in flight.
    [[nodiscard]] result<void> store_clean(instant now);
    // A stop has begun: what is known is made durable, nothing new is taken up.
    void wind_down();
    // Once a second: where the time went.
    void tick(duration passed, const std::string& reason_category);

    // When it wants to be looked at again.
    [[nodiscard]] mono_time wake_at(instant now) const;

    // --- questions
    [[nodiscard]] job_key key() const { return key_; }

    [[nodiscard]] const std::string& id() const { return manifest_.id; }

    [[nodiscard]] const job_manifest& manifest() const { return manifest_; }

    [[nodiscard]] const job_state& state() const { return state_; }

    [[nodiscard]] const account_settings* account() const { return account_; }

    [[nodiscard]] bool is_dry() const;

    [[nodiscard]] bool is_held() const { return !state_.holds.empty(); }

    [[nodiscard]] bool is_ending() const { return ending_.has_value(); }

    [[nodiscard]] bool is_damaged() const { return damage_.has_value(); }

    [[nodiscard]] bool route_released() const { return state_.route_released; }

    // Tokens without an outcome, provisional ones left out.
    [[nodiscard]] std::uint64_t pending_tokens() const
    {
        return manifest_.total - settled_.count() - state_.provisional.size();
    }

    // Every token has its record, and every record is durable.
    [[nodiscard]] bool is_complete() const;

    [[nodiscard]] bool has_not_durable() const { return !commits_.is_durable(); }

    [[nodiscard]] bool is_syncing() const { return commits_.syncing() || mark_pending_; }

    [[nodiscard]] std::size_t waiting_tokens() const { return ready_.size() + delayed_.size(); }

    [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }

    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    // Why it does not send, for people; `category` is a word for the summary. Empty if nothing of
    // its own keeps it.
    struct reason
    {
        std::string category;
        std::string sentence;
    };

    [[nodiscard]] reason own_reason(instant now) const;
    // True if only a person, a key or a later time can make it go on.
    [[nodiscard]] bool is_stuck(instant now) const;
    [[nodiscard]] job_view view(instant now) const;
    [[nodiscard]] job_summary summary(instant now) const;

    [[nodiscard]] job_state& counters() { return state_; }

private:
    struct disposal
    {
        outcome clean;         // for tokens that were not sent
        std::string sentence;  // for those whose fate is unknown
    };

    // Which tokens pick() may give.
    struct pick_rule
    {
        bool before_due = false;  // does not wait for a back-off
        bool probing =
            false;  // not one that a probe of this outage was before, if there is another
        bool take_new = true;  // reads on in the input
        bool clean = true;     // also such as were never sent, not only those of unknown fate
    };

    // The token that waits longest, else a new one. False if there is none.
    [[nodiscard]] bool pick(const pick_rule& rule, pending_token& into, instant now);
    [[nodiscard]] bool pick_waiting(
        const pick_rule& rule, std::size_t keep, pending_token& into, instant now
    );
    [[nodiscard]] bool from_feed(const pick_rule& rule, pending_token& into, instant now);
    [[nodiscard]] bool read_item(pending_token& into, instant now);
    [[nodiscard]] bool check_feed_end(instant now);
    void keep_ready(pending_token token);
    void landed();
    [[nodiscard]] std::uint64_t may_delete() const;
    [[nodiscard]] bool refuse_by_lists(const pending_token& token, instant now);
    [[nodiscard]] std::uint64_t mark_ahead(const take_options& options) const;
    [[nodiscard]] bool mark_covers(std::uint64_t n, const take_options& options);
    [[nodiscard]] bool has_room(std::uint64_t records, instant now);
    [[nodiscard]] std::uint64_t results_end_with(std::uint64_t records) const;
    [[nodiscard]] std::uint64_t records_reserved() const;
    [[nodiscard]] bool note_start(instant now);
    [[nodiscard]] bool store(instant now);
    [[nodiscard]] result<void> store_now();
    void record(const pending_token& token, const verdict_note& note, instant now);
    void queue(const record_view& line, instant now);
    void watch_guards(const verdict_note& note, instant now);
    void check_hold_after(instant now);
    void hold_for_outcomes(instant now);
    void hold_for_misuse(instant now);
    void forget_confirmed();
    void set_trouble(const fault& f, instant now);
    void clear_trouble();
    void sync(instant now);
    [[nodiscard]] bool run_sweep(instant now);
    [[nodiscard]] bool sweep(const disposal& how, instant now);
    [[nodiscard]] bool sweep_provisional(const disposal& how, instant now);
    void dispose(const pending_token& token, const disposal& how, instant now);
    void check_deadline(instant now);
    void check_unproven(bool all_done, instant now);

    [[nodiscard]] bool has_hold_after() const
    {
        return account_ != nullptr && (manifest_.options.hold_after || account_->guards.hold_after);
    }

    [[nodiscard]] std::optional<std::uint64_t> hold_after_limit() const;
    [[nodiscard]] std::uint64_t deleted_at_most() const;
    [[nodiscard]] bool was_maybe_sent(std::uint64_t n) const;
    void count_uncertain();
    void for_each_unread_uncertain(const std::function<void(std::uint64_t)>& visit) const;
    [[nodiscard]] bool is_provisional(std::uint64_t n) const;
    void forget_settled_provisional();

    job_key key_;
    job_manifest manifest_;
    job_state state_;
    results_settings results_;
    ports& world_;
    const account_settings* account_ = nullptr;
    const guard_lists* lists_ = nullptr;
    std::string no_account_;
    std::optional<fault> damage_;

    ordinal_set settled_;
    token_feed feed_;
    bool feed_ended_ = false;
    bool look_again_ = false;  // the feed stopped at the end of a slice
    std::deque<pending_token> ready_;
    std::size_t failed_probes_ = 0;  // at the end of ready_
    std::multimap<mono_time, pending_token> delayed_;
    std::uint64_t in_flight_ = 0;
    // Tokens of unknown fate that wait: in ready_ or delayed_, and not yet read again since
    // recovery.
    std::uint64_t uncertain_ = 0;
    std::uint64_t uncertain_unread_ = 0;

    // What recovery knows of tokens that may have been sent: all up to `upto`, or exactly
    // `unknown`.
    std::uint64_t sent_upto_ = 0;
    std::vector<std::uint64_t> sent_unknown_;  // ascending
    send_mark mark_;                           // durable
    std::optional<send_mark> mark_wanted_;
    bool mark_pending_ = false;

    commit_queue commits_;
    std::uint64_t reserved_upto_ = 0;
    breaker_settings breaker_settings_;
    breaker breaker_;
    std::deque<outcome> recent_;  // what recovery found for the breaker, until the account is known
    misuse_run misuse_;
    latency_histogram latency_;

    // Provisional no more, but their records are not durable yet: state.json names them until then.
    std::vector<result_record> confirmed_;

    std::optional<disposal> ending_;
    std::string ending_reason_;
    bool winding_down_ = false;
    bool state_dirty_ = false;  // must be stored before anything more is sent
    bool noted_start_ = false;
    bool results_failed_ = false;  // since the last sync that did not: nothing is sent (P5)
    std::string trouble_;
    std::string trouble_said_;  // the last one reported
    mono_time trouble_until_{};
    std::uint64_t pace_seen_ = 0;
    double pace_per_s_ = 0;
    record_encoder encoder_;
};

}  // namespace reaper
