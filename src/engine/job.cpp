#include "reaper/engine/job.hpp"

#include "reaper/core/journal_codec.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

namespace reaper {

namespace {

// The mark runs this far ahead of sending: half a second of it, so that its sync is never waited
// for, and little is taken for "maybe sent" after a crash.
constexpr double mark_ahead_s = 0.5;
constexpr std::uint64_t mark_ahead_min = 16;
constexpr std::uint64_t mark_ahead_max = 65'536;

// Results that are not durable yet; beyond it nothing more is sent until a sync has caught up. It
// is what a fast server has answers for in two syncs of a slow disk, 25 ms each.
constexpr std::size_t pending_bytes_max = 16 * 1024 * 1024;

}  // namespace

job::job(
    job_key key, recovered_job from, const results_settings& results, ports& world, instant now
)
    : key_(key),
      manifest_(std::move(from.manifest)),
      state_(std::move(from.state)),
      results_(results),
      world_(world),
      damage_(std::move(from.damage)),
      settled_(std::move(from.settled)),
      feed_(manifest_),
      commits_(results.sync, from.durable_bytes, from.counts),
      reserved_upto_(from.durable_bytes),
      breaker_(breaker_settings_.window, breaker_settings_.not_deleted),
      recent_(std::move(from.recent)),
      latency_(from.latency),
      noted_start_(state_.started_at.has_value()),
      pace_seen_(from.counts.total())
{
    for (unsigned i = 0; i < from.misuse_in_row; ++i)
        misuse_.add(true);
    // A clean stop knows the unknown tokens one by one. A mark of a later epoch overrules it, but
    // what was unknown then may still be.
    if (state_.clean)
        sent_unknown_ = state_.unknown;
    if (state_.clean && from.mark.epoch <= state_.epoch)
        mark_ = send_mark{.epoch = state_.epoch + 1, .upto = 0, .durable_bytes = 0};
    else
        mark_ = from.mark;
    sent_upto_ = mark_.upto;
    forget_settled_provisional();
    count_uncertain();
    if (damage_)
        add_hold(hold_cause::damaged, damage_->sentence, now);
}

void job::bind(const account_settings* account, const guard_lists* lists, std::string why_not)
{
    account_ = account;
    lists_ = lists;
    no_account_ = std::move(why_not);
    if (account == nullptr)
        return;
    if (account->guards.dry_run && !manifest_.dry_run && !state_.dry_run) {
        state_.dry_run = true;
        state_dirty_ = true;  // stored before anything else happens
    }
    const breaker_settings& wanted = account->guards.breaker;
    if (wanted == breaker_settings_ && recent_.empty())
        return;
    breaker_settings_ = wanted;
    breaker_ = breaker(wanted.window, wanted.not_deleted);
    for (const outcome o : std::exchange(recent_, {}))
        breaker_.add(o);
}

bool job::is_dry() const
{
    return manifest_.dry_run || state_.dry_run;
}

std::optional<std::uint64_t> job::hold_after_limit() const
{
    if (!has_hold_after() || state_.hold_after_done || is_dry())
        return std::nullopt;
    const auto& own = manifest_.options.hold_after;
    const auto& general = account_->guards.hold_after;
    if (own && general)
        return std::min(*own, *general);
    return own ? own : general;
}

// Of what has its answer. A token that is already gone may have been deleted by a request of ours
// whose answer was lost: it counts.
std::uint64_t job::deleted_at_most() const
{
    const outcome_counts& counts = commits_.counts();
    const auto gone = std::count_if(
        state_.provisional.begin(),
        state_.provisional.end(),
        [](const result_record& r) { return r.result == outcome::already_gone; }
    );
    return counts[outcome::deleted] + counts[outcome::already_gone] + counts[outcome::unknown] +
           static_cast<std::uint64_t>(gone);
}

// hold_after: nothing goes out that could delete more than the number together with what is in
// flight. So many may still go. A token whose fate is unknown may never have been sent: the mark
// runs ahead. A new one goes only while those are fewer than may go.
std::uint64_t job::may_delete() const
{
    const auto limit = hold_after_limit();
    if (!limit)
        return std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t committed = deleted_at_most() + in_flight_;
    return *limit > committed ? *limit - committed : 0;
}

bool job::may_send(instant now) const
{
    const auto& not_before = manifest_.options.not_before;
    return account_ != nullptr && !is_held() && !is_ending() && !is_dry() && !winding_down_ &&
           !state_dirty_ && !results_failed_ && trouble_.empty() && lists_->fault.empty() &&
           commits_.pending_bytes() < pending_bytes_max && (!not_before || now.wall >= *not_before);
}

job::taken job::take(const take_options& options, pending_token& into, instant now)
{
    constexpr int refusals_per_turn = 1000;
    if (!may_send(now))
        return taken::nothing;
    for (int refused = 0; refused < refusals_per_turn; ++refused) {
        const std::uint64_t may_go = may_delete();
        if (may_go == 0)
            return taken::nothing;
        const pick_rule rule{
            .before_due = options.probing,
            .probing = options.probing,
            .take_new = options.may_take_new,
            .clean = uncertain_ < may_go};
        if (!pick(rule, into, now))
            return look_again_ ? taken::again : taken::nothing;
        if (!has_room(1, now)) {
            keep_ready(into);
            return taken::nothing;
        }
        if (refuse_by_lists(into, now))
            continue;
        if (!mark_covers(into.n, options) || !note_start(now)) {
            keep_ready(into);
            return taken::nothing;
        }
        ++into.attempts;
        ++in_flight_;
        return taken::token;
    }
    return taken::again;
}

job::clear_way job::clear_way_ahead(const take_options& options, instant now) const
{
    const bool waits =
        !ready_.empty() || (!delayed_.empty() && delayed_.begin()->first <= now.mono);
    const bool maybe_sent = uncertain_unread_ > 0 || !state_.provisional.empty();
    if (!may_send(now) || !options.may_take_new || options.probing || waits || maybe_sent ||
        !lists_->are_empty() || !noted_start_)
        return {};
    const std::uint64_t may_go = may_delete();
    const std::uint64_t clean = may_go - std::min(may_go, uncertain_);
    // Near its end the mark is to be written anew.
    const bool is_last = mark_pending_ || mark_.upto >= manifest_.total;
    const std::uint64_t reach = is_last ? 0 : mark_ahead(options) / 2;
    return {
        .tokens = std::min(clean, records_reserved()),
        .upto = mark_.upto - std::min(mark_.upto, reach)};
}

bool job::take_along(clear_way& way, pending_token& into, instant now)
{
    if (way.tokens == 0 || feed_.next(world_, settled_) != token_feed::step::item)
        return false;
    --way.tokens;
    if (!read_item(into, now))
        return false;  // now it is held
    if (into.n > way.upto) {
        keep_ready(into);  // take() finds it there
        way = {};
        return false;
    }
    ++into.attempts;
    ++in_flight_;
    return true;
}

bool job::refuse_by_lists(const pending_token& token, instant now)
{
    std::string why = lists_->refusal(token.token.view());
    if (why.empty())
        return false;
    if (token.fate_unknown)
        why += "; an earlier request for it has an unknown fate";
    verdict_note note;
    note.result = token.fate_unknown ? outcome::unknown : outcome::refused;
    note.message = why;
    record(token, note, now);
    return true;
}

std::uint64_t job::mark_ahead(const take_options& options) const
{
    // While the route is unproven one request goes at a time, and its 404 must not be taken for
    // "already gone" by a mark that ran ahead of it.
    if (!options.route_proven && !state_.route_released)
        return 0;
    return std::clamp(
        static_cast<std::uint64_t>(options.pace_per_s * mark_ahead_s),
        mark_ahead_min,
        mark_ahead_max
    );
}

bool job::mark_covers(std::uint64_t n, const take_options& options)
{
    const std::uint64_t ahead = mark_ahead(options);
    if (n + ahead / 2 > mark_.upto && !mark_pending_ && mark_.upto < manifest_.total)
        mark_wanted_ = send_mark{
            .epoch = mark_.epoch,
            .upto = std::max(mark_.upto, std::min(n + ahead, manifest_.total)),
            .durable_bytes = commits_.durable_bytes()};
    return n <= mark_.upto;
}

bool job::note_start(instant now)
{
    if (noted_start_)
        return true;
    if (const auto noted = world_.note_first_send(id()); !noted) {
        set_trouble(noted.error(), now);
        return false;
    }
    state_.started_at = now.wall;
    noted_start_ = true;
    return store(now);
}

void job::keep_ready(pending_token token)
{
    if (token.fate_unknown)
        ++uncertain_;
    ready_.push_front(std::move(token));
}

void job::landed()
{
    assert(in_flight_ > 0);
    --in_flight_;
}

void job::put_back_unsent(pending_token token)
{
    landed();
    --token.attempts;
    keep_ready(std::move(token));
}

void job::put_back_unknown(pending_token token)
{
    landed();
    token.fate_unknown = true;
    keep_ready(std::move(token));
}

void job::put_back_last(pending_token token)
{
    landed();
    token.fate_unknown = true;
    ++uncertain_;
    ++failed_probes_;
    ready_.push_back(std::move(token));
}

void job::put_back_later(pending_token token, mono_time due)
{
    landed();
    token.fate_unknown = true;
    ++uncertain_;
    delayed_.emplace(due, std::move(token));
}

}  // namespace reaper
