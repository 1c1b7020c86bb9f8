// Which token comes next: those that wait for another try, then the input.

#include "reaper/engine/job.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

void job::forget_settled_provisional()
{
    // A crash between the record of a confirmed 404 and the state that no longer names it.
    std::erase_if(state_.provisional, [this](const result_record& r) {
        return settled_.test(r.n);
    });
}

bool job::is_provisional(std::uint64_t n) const
{
    return std::any_of(
        state_.provisional.begin(),
        state_.provisional.end(),
        [n](const result_record& r) { return r.n == n; }
    );
}

void job::for_each_unread_uncertain(const std::function<void(std::uint64_t)>& visit) const
{
    const std::uint64_t read = feed_.position();
    const std::uint64_t last = std::min(sent_upto_, manifest_.total);
    for (std::uint64_t n = settled_.first_unset_from(read + 1); n <= last;
         n = settled_.first_unset_from(n + 1))
        if (!is_provisional(n))
            visit(n);
    for (const std::uint64_t n : sent_unknown_)
        if (n > read && n > last && !settled_.test(n) && !is_provisional(n))
            visit(n);
}

void job::count_uncertain()
{
    for_each_unread_uncertain([this](std::uint64_t) { ++uncertain_unread_; });
    uncertain_ = uncertain_unread_;
}

bool job::was_maybe_sent(std::uint64_t n) const
{
    return n <= sent_upto_ || std::binary_search(sent_unknown_.begin(), sent_unknown_.end(), n);
}

bool job::pick(const pick_rule& rule, pending_token& into, instant now)
{
    look_again_ = false;
    const bool may_read = rule.take_new && (rule.clean || uncertain_unread_ > 0);
    bool found = pick_waiting(rule, rule.probing ? failed_probes_ : 0, into, now);
    if (!found && may_read)
        found = from_feed(rule, into, now);
    if (!found && rule.probing && !look_again_ && !damage_ && trouble_.empty())
        found = pick_waiting(rule, 0, into, now);
    if (found && into.fate_unknown)
        --uncertain_;
    return found;
}

// The last `keep` of ready_ stay there.
bool job::pick_waiting(const pick_rule& rule, std::size_t keep, pending_token& into, instant now)
{
    if (ready_.empty() && delayed_.empty())
        return false;
    const bool due = !delayed_.empty() && delayed_.begin()->first <= now.mono;
    const bool delayed_first = rule.before_due && !delayed_.empty();
    const auto end = ready_.end() - static_cast<std::ptrdiff_t>(std::min(keep, ready_.size()));
    auto ready = ready_.begin();
    if (!rule.clean)
        ready = std::find_if(ready, end, [](const auto& each) { return each.fate_unknown; });
    if (ready != end && !delayed_first) {
        into = *ready;
        ready_.erase(ready);
        failed_probes_ = std::min(failed_probes_, ready_.size());
        return true;
    }
    if (!due && !delayed_first)
        return false;
    into = delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    return true;
}

bool job::from_feed(const pick_rule& rule, pending_token& into, instant now)
{
    while (!feed_ended_) {
        switch (feed_.next(world_, settled_)) {
            case token_feed::step::end:
                feed_ended_ = check_feed_end(now);
                return false;
            case token_feed::step::again:
                look_again_ = true;
                return false;
            case token_feed::step::fault:
                if (feed_.is_damaged())
                    add_hold(hold_cause::damaged, feed_.failure().sentence, now);
                else
                    set_trouble(feed_.failure(), now);
                return false;
            case token_feed::step::item:
                break;
        }
        if (is_provisional(feed_.item().n))
            continue;
        if (!read_item(into, now))
            return false;
        into.fate_unknown = was_maybe_sent(into.n);
        if (into.fate_unknown)
            --uncertain_unread_;
        if (into.fate_unknown || rule.clean)
            return true;
        // It waits for one of unknown fate behind it. No more do so than once waited together: they
        // were read before the last stop.
        ready_.push_back(into);
    }
    return false;
}

// What the feed has found, as a token that was never sent. False if it cannot be one of this job.
bool job::read_item(pending_token& into, instant now)
{
    const job_item& item = feed_.item();
    if (!item.valid || item.n > manifest_.total) {
        const std::string where = "line " + std::to_string(item.line) + " of the input ";
        const char* what = item.valid ? "is more than job.json counts" : "is no token any more";
        add_hold(hold_cause::damaged, where + what, now);
        return false;
    }
    into.n = item.n;
    into.line = item.line;
    into.token.assign(item.token);
    into.attempts = into.charged = 0;
    into.fate_unknown = false;
    return true;
}

// True if every token that has no outcome is known: else the input has lost lines.
bool job::check_feed_end(instant now)
{
    const std::uint64_t known = ready_.size() + delayed_.size() + in_flight_;
    if (known < pending_tokens())
        add_hold(
            hold_cause::damaged,
            "the input has fewer token lines than job.json counts, " +
                std::to_string(manifest_.total),
            now
        );
    return true;
}

}  // namespace reaper
