#include "reaper/app/intake_folder.hpp"

#include "reaper/base/text.hpp"
#include "reaper/io/entry_look.hpp"
#include "reaper/io/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reaper {

namespace {

// Files of this size or more are taken in beside the small ones, so as not to keep them waiting.
constexpr std::uint64_t big_bytes = 1u << 20;

constexpr std::size_t ready_max = 1024;
constexpr std::size_t hints_max = 4096;
constexpr std::size_t problems_max = 200;
constexpr duration pause_min = std::chrono::seconds(1);
constexpr duration pause_max = std::chrono::seconds(30);

}  // namespace

intake_folder::intake_folder(std::string path, std::string account, const intake_settings& pace)
    : path_(std::move(path)),
      account_(std::move(account)),
      rescan_(pace.rescan),
      policy_(pace.settle)
{
}

void intake_folder::apply(const intake_settings& pace)
{
    rescan_ = pace.rescan;
    policy_.set_settle(pace.settle);
    scan_wanted_ = true;
}

void intake_folder::hint(std::string name, bool renamed_in)
{
    if (only_once_)
        return;
    if (hints_.size() < hints_max)
        hints_.emplace_back(std::move(name), renamed_in);
    else
        scan_wanted_ = true;
}

bool intake_folder::is_crowded() const
{
    return ready_.size() >= ready_max || policy_.is_full();
}

bool intake_folder::look_around(
    instant now, std::size_t count_max, const settings& config, const std::set<std::string>& busy
)
{
    if (!hints_.empty() || policy_.next_look() <= now.mono)
        look_at_named(now, count_max, config);

    const bool may_scan = !(only_once_ && scanned_once_);
    if (!scan_ && may_scan && (scan_wanted_ || next_scan_ <= now.mono)) {
        begin_scan();
        if (!scan_)
            next_scan_ = now.mono + rescan_;
    }
    if (scan_ && !is_crowded())
        scan_some(now, count_max, config, busy);
    return !hints_.empty() || policy_.next_look() <= now.mono || (scan_ && !is_crowded());
}

void intake_folder::look_at_named(instant now, std::size_t count_max, const settings& config)
{
    auto directory = directory_listing::open(path_);
    if (!directory) {
        // The scan says why. What is waited for is looked at again when the folder is back.
        trouble_ = directory.error().sentence;
        hints_.clear();
        for (const auto& name : policy_.due(now.mono, count_max))
            policy_.forget(name);
        return;
    }
    for (std::size_t i = 0; i < count_max && !hints_.empty(); ++i) {
        const auto [name, renamed_in] = std::move(hints_.front());
        hints_.pop_front();
        look(directory->descriptor(), name, renamed_in, now, config);
    }
    for (const auto& name : policy_.due(now.mono, count_max))
        look(directory->descriptor(), name, false, now, config);
}

void intake_folder::begin_scan()
{
    scan_wanted_ = false;
    auto opened = directory_listing::open(path_);
    if (!opened) {
        trouble_ = opened.error().sentence;
        scanned_once_ = true;
        return;
    }
    trouble_.clear();
    scan_.emplace(std::move(*opened));
    policy_.begin_round();
    problems_seen_.clear();
    problems_beyond_ = 0;
}

void intake_folder::scan_some(
    instant now, std::size_t count_max, const settings& config, const std::set<std::string>& busy
)
{
    for (std::size_t i = 0; i < count_max && !is_crowded(); ++i) {
        const auto name = scan_->next();
        if (!name) {
            end_scan(now);
            return;
        }
        if (!look_at_claim(scan_->descriptor(), *name, busy))
            look(scan_->descriptor(), *name, false, now, config);
    }
}

void intake_folder::end_scan(instant now)
{
    if (scan_->failed())
        trouble_ = "cannot read the directory " + path_;
    scan_.reset();
    scanned_once_ = true;
    next_scan_ = now.mono + rescan_;
    // What was not seen is not there any more.
    policy_.forget_unseen();
    std::erase_if(problems_, [this](const auto& problem) {
        return !problems_seen_.contains(problem.first);
    });
}

// A claim that nobody has in hand was left by a crash, or by trouble that is over. True if it is
// one.
bool intake_folder::look_at_claim(
    int directory, const std::string& name, const std::set<std::string>& busy
)
{
    const auto id = std::string{claimed_id(name)};
    if (id.empty())
        return false;
    if (busy.contains(id) || ready_.contains(name))
        return true;
    if (const auto facts = look_at(directory, name)) {
        make_ready({.id = id, .account = account_, .name = {}, .size = facts->size, .claimed = true}
        );
    } else if (errno != ENOENT) {
        note_problem(name, system_fault("it cannot be looked at").sentence);
    }
    return true;
}

void intake_folder::look(
    int directory, const std::string& name, bool renamed_in, instant now, const settings& config
)
{
    if (intake_policy::is_left_alone(name)) {
        problems_.erase(name);
        return;
    }
    auto facts = look_at(directory, name);
    if (!facts) {
        const int why = errno;
        forget(name);
        if (why != ENOENT)  // the next scan looks again
            note_problem(name, system_fault("it cannot be looked at", why).sentence);
        return;
    }
    if (facts->kind == file_kind::directory && account_.empty()) {
        // What is in an account's folder is not ours to look at.
        if (config.accounts.contains(name))
            problems_.erase(name);
        else
            note_problem(
                name,
                "there is no account of this name in the configuration: nothing in this folder "
                "is taken in"
            );
        return;
    }
    facts->renamed_in = renamed_in;
    auto verdict = policy_.look(*facts, now.mono);
    note_problem(name, std::move(verdict.why));
    if (verdict.step == intake_step::take) {
        make_ready(
            {.id = {}, .account = account_, .name = name, .size = facts->size, .claimed = false}
        );
    }
}

void intake_folder::note_problem(const std::string& name, std::string why)
{
    if (why.empty()) {
        problems_.erase(name);
        return;
    }
    if (problems_.size() >= problems_max && !problems_.contains(name)) {
        ++problems_beyond_;
        return;
    }
    problems_[name] = std::move(why);
    problems_seen_.insert(name);
}

void intake_folder::make_ready(taking_source source)
{
    // One that is ready already is looked at again when its turn comes.
    if (!ready_.insert(source.claimed ? claim_name(source.id) : source.name).second)
        return;
    (source.size < big_bytes ? small_ : big_).push_back(std::move(source));
}

std::optional<taking_source> intake_folder::next_ready(bool small, instant now)
{
    if (now.mono < ready_again_at_)
        return std::nullopt;
    auto& queue = small ? small_ : big_;
    while (!queue.empty()) {
        auto source = std::move(queue.front());
        queue.pop_front();
        ready_.erase(source.claimed ? claim_name(source.id) : source.name);
        if (source.claimed)
            return source;
        // It may have waited long for its turn: is it still what was ready?
        const auto directory = directory_listing::open(path_);
        const auto facts = directory ? look_at(directory->descriptor(), source.name) : std::nullopt;
        if (!facts) {
            forget(source.name);
            continue;
        }
        auto verdict = policy_.look(*facts, now.mono);
        note_problem(source.name, std::move(verdict.why));
        if (verdict.step == intake_step::take)
            return source;
    }
    return std::nullopt;
}

void intake_folder::put_back(const taking_source& source)
{
    auto again = source;
    again.id.clear();
    ready_.insert(again.name);
    (again.size < big_bytes ? small_ : big_).push_front(std::move(again));
}

void intake_folder::hold_off(std::string why, instant now)
{
    hold_off_ = std::move(why);
    pause_ = pause_ == duration{} ? pause_min : std::min(2 * pause_, pause_max);
    ready_again_at_ = now.mono + pause_;
}

void intake_folder::note_success()
{
    hold_off_.clear();
    pause_ = {};
    ready_again_at_ = mono_time::min();
}

mono_time intake_folder::ready_at() const
{
    return small_.empty() && big_.empty() ? mono_never : ready_again_at_;
}

void intake_folder::forget(const std::string& name)
{
    policy_.forget(name);
    problems_.erase(name);
}

mono_time intake_folder::next_look() const
{
    if (scan_ && is_crowded())
        return policy_.next_look();  // goes on when what is ready has been taken
    const bool may_scan = !(only_once_ && scanned_once_);
    if (scan_ || !hints_.empty() || (scan_wanted_ && may_scan))
        return mono_time::min();
    return may_scan ? std::min(next_scan_, policy_.next_look()) : policy_.next_look();
}

bool intake_folder::is_done() const
{
    return scanned_once_ && !scan_ && ready_.empty() && !policy_.is_waiting();
}

void intake_folder::add_problems(std::vector<intake_problem>& problems) const
{
    if (!trouble_.empty())
        problems.push_back({path_, trouble_});
    if (!hold_off_.empty())
        problems.push_back({path_, "no file can be taken out of this folder: " + hold_off_});
    for (const auto& [name, why] : problems_)
        problems.push_back({path_ + "/" + presentable(name, {}, 255), why});
    if (problems_beyond_ != 0)
        problems.push_back({path_, fmt::format("{} more files like these", problems_beyond_)});
}

}  // namespace reaper
