#include "support/fake_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace reaper::test {

namespace {

constexpr mono_time epoch{std::chrono::hours(1000)};
const wall_time wall_epoch = *parse_rfc3339("2026-11-22T20:30:15.000Z");

// Turns without time passing: more is a loop.
constexpr int spins_max = 100'000;

}  // namespace

fake_world::fake_world() : now_(epoch), started_at_(epoch)
{
    add_account("prod", "key-prod");
}

fake_world::~fake_world() = default;

account_setup& fake_world::add_account(const std::string& name, const std::string& limit)
{
    account_setup made;
    made.settings.name = name;
    made.limit = limit;
    made.credentials = "keys of " + name;
    made.route_proven = true;
    accounts.push_back(std::move(made));
    return accounts.back();
}

account_setup& fake_world::setup(const std::string& name)
{
    const auto found = std::find_if(accounts.begin(), accounts.end(), [&](const auto& each) {
        return each.settings.name == name;
    });
    EXPECT_NE(found, accounts.end());
    return *found;
}

// --- life ----------------------------------------------------------------------------------------

void fake_world::start()
{
    ++life_;
    started_at_ = now_;
    for (auto& [id, truth] : limits_)
        truth.owned = false;
    for (const auto& [id, stored] : disk.limits) {
        limit_truth& truth = limits_[id];
        truth.in_flight = 0;
        truth.canary = 0;
        // P3: without a clean stop in this boot nobody knows when the silence began.
        const bool known = stored.clean && stored.boot_id == boot_id;
        if (!known || stored.shut_until != mono_time{})
            truth.silent = true;
        if (!known)
            truth.opens_at = std::max(truth.opens_at, now_ + 5s);
    }
    engine_ = std::make_unique<engine>(*this, boot_id, 4711 + life_);
    reload();
    for (auto& [id, files] : disk.jobs)
        if (!files.summary)
            hand_over(files);
}

void fake_world::hand_over(job_files& files)
{
    engine_->add_job(disk.recover(files.manifest.id), now());
    settled_answers_[&files] = files.lines;
}

void fake_world::reload()
{
    for (account_setup& each : accounts) {
        each.route_proven = each.route_proven || disk.proofs.contains(each.settings.name);
        if (each.route_proven)
            proven_.insert(each.settings.name);
    }
    engine_->configure(config, accounts, now());
}

void fake_world::crash(crash_tail tail)
{
    engine_.reset();
    ++life_;
    events_.clear();
    for (auto& [link, each] : links_)
        note_lost(each);
    links_.clear();
    proven_.clear();
    settled_answers_.clear();
    crash_at_call = 0;
    has_crashed_ = true;
    disk.crash(tail);
}

bool fake_world::stop(duration drain)
{
    engine_->stop(now_ + drain, now());
    const bool stopped = run_until([this] { return engine_->stopped(); }, drain + 10s);
    const bool crashed_before = has_crashed_;
    crash(crash_tail::lost);
    // A stop that could not be stored is a crash.
    const bool stored = std::all_of(disk.jobs.begin(), disk.jobs.end(), [](const auto& each) {
        const job_files& files = each.second;
        const job_state state = files.state.value_or(job_state{});
        const bool is_clean = state.clean && files.mark.value_or(send_mark{}).epoch <= state.epoch;
        return is_clean || files.summary;
    });
    has_crashed_ = crashed_before || !stopped || !stored;
    return stopped;
}

void fake_world::give_back(const std::string& limit)
{
    lent_limits.erase(limit);
    limit_truth& truth = limits_[limit];
    truth.owned = true;
    if (const auto found = disk.limits.find(limit); found != disk.limits.end()) {
        const limit_state& stored = found->second;
        truth.silent = truth.silent || !stored.clean || stored.shut_until != mono_time{};
        truth.opens_at = std::max(truth.opens_at, stored.clean ? stored.shut_until : now_ + 5s);
    }
    engine_->limit_acquired(limit, now());
}

job_files& fake_world::add(const job_spec& spec)
{
    job_files& files = disk.add(spec, now().wall);
    for (std::uint64_t n = 1; n < files.tokens.size(); ++n) {
        by_token_[files.tokens[n]].emplace_back(&files, n);
        campaigns.insert(files.tokens[n]);
    }
    if (engine_)
        hand_over(files);
    return files;
}

job_files& fake_world::add(std::size_t count, const std::string& id, std::uint64_t first)
{
    return add(job_spec{.id = id, .tokens = some_tokens(count, first)});
}

// --- time ----------------------------------------------------------------------------------------

instant fake_world::now() const
{
    const auto passed = std::chrono::floor<std::chrono::milliseconds>(now_ - epoch + wall_shift);
    return {.mono = now_, .wall = wall_epoch + passed};
}

void fake_world::at(duration from_now, std::function<void()> event)
{
    events_.emplace(now_ + from_now, std::move(event));
}

// What a daemon has begun ends with it.
void fake_world::later(duration delay, std::function<void()> event)
{
    at(delay, [this, life = life_, event = std::move(event)] {
        if (life == life_)
            event();
    });
}

bool fake_world::run_until(const std::function<bool()>& done, duration at_most)
{
    const mono_time end = now_ + at_most;
    bool turn_due = true;  // for what the test did
    mono_time wanted{};
    for (int spins = 0;; ++spins) {
        if (turn_due || wanted <= now_) {
            ++turns;
            wanted = engine_->advance(now());
        }
        if (done())
            return true;
        mono_time next = wanted;
        if (!events_.empty())
            next = std::min(next, events_.begin()->first);
        if (next > end) {
            now_ = end;
            return false;
        }
        if (next > now_)
            spins = 0;
        expect(spins < spins_max, "the engine comes to rest");
        if (spins >= spins_max)
            return false;
        now_ = std::max(now_, next);
        turn_due = false;
        while (!events_.empty() && events_.begin()->first <= now_) {
            needs_no_turn_ = false;
            events_.extract(events_.begin()).mapped()();
            turn_due = turn_due || !needs_no_turn_;
        }
    }
}

void fake_world::run_for(duration time)
{
    run_until([] { return false; }, time);
}

bool fake_world::run_to_end(duration at_most)
{
    return run_until([this] { return !engine_->has_jobs(); }, at_most);
}

// --- what has happened ---------------------------------------------------------------------------

outcome_counts fake_world::outcomes(const std::string& id) const
{
    outcome_counts counts;
    for (const auto& [n, record] : records(id))
        ++counts[record.result];
    return counts;
}

std::map<std::uint64_t, result_record> fake_world::records(const std::string& id) const
{
    const job_files& files = disk.jobs.at(id);
    std::map<std::uint64_t, result_record> by_ordinal;
    for (result_record& record :
         records_of(std::string_view(files.results).substr(0, files.durable)))
        by_ordinal.emplace(record.n, std::move(record));
    return by_ordinal;
}

job_view fake_world::view(const std::string& id) const
{
    for (job_view& each : engine_->job_views(now()))
        if (each.id == id)
            return std::move(each);
    return {};
}

bool fake_world::is_done(const std::string& id) const
{
    return disk.jobs.at(id).summary.has_value();
}

std::size_t fake_world::in_flight() const
{
    std::size_t sum = 0;
    for (const auto& [id, each] : links_)
        sum += each.unanswered.size();
    return sum;
}

unsigned fake_world::asked(const std::string& token) const
{
    const auto found = asked_.find(token);
    return found == asked_.end() ? 0 : found->second;
}

bool fake_world::reported(const std::string& part) const
{
    return std::any_of(notices.begin(), notices.end(), [&](const notice& each) {
        return each.text.find(part) != std::string::npos;
    });
}

std::size_t fake_world::sends_since(mono_time from) const
{
    return static_cast<std::size_t>(std::count_if(sent.begin(), sent.end(), [&](const auto& each) {
        return each.at >= from;
    }));
}

}  // namespace reaper::test
