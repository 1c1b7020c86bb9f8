// What SPEC promises, looked at from outside the engine.

#include "reaper/base/units.hpp"
#include "reaper/core/journal_codec.hpp"
#include "support/fake_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reaper::test {

void fake_world::expect(bool holds, const std::string& what) const
{
    if (!holds)
        ADD_FAILURE() << show_duration(now_ - started_at_) << " after the start, call " << calls
                      << ": broken: " << what;
}

fake_world::flight fake_world::find_token(const std::string& token) const
{
    const auto found = by_token_.find(token);
    if (found != by_token_.end())
        for (const auto& [files, n] : found->second)
            if (!files->summary && !files->recorded.contains(n))
                return {.token = token, .number = 0, .files = files, .n = n};
    expect(false, "only tokens of jobs that go on are sent (P4), and none twice");
    throw crashed{};
}

bool fake_world::is_proven(const std::string& account) const
{
    return proven_.contains(account);
}

void fake_world::check_send(const connection& on, const flight& what)
{
    const job_files& files = *what.files;
    const account_setup& account = setup(on.account);
    expect(on.up && !on.writing, "nothing is sent before a connection is up, or behind a write");
    expect(on.account == files.manifest.account, "a job is sent with its own account");
    expect(!files.manifest.dry_run && !account.settings.guards.dry_run, "a dry run sends nothing");
    expect(on.unanswered.size() < account.settings.max_window, "the window is kept");
    expect(on.clean_reply || on.unanswered.empty(), "window 1 until the first clean reply");

    const bool released = files.state && files.state->route_released;
    std::size_t of_job = 0;
    for (const auto& [id, each] : links_) {
        for (const flight& other : each.unanswered) {
            of_job += other.files == &files ? 1 : 0;
            expect(other.files != &files || other.n != what.n, "a token is in flight once");
        }
        if (each.account == on.account && !is_proven(on.account) && !released)
            expect(each.unanswered.empty(), "window 1 while the route is unproven");
    }
    expect(account.lists.refusal(what.token).empty(), "a token that is denied is not sent");
    expect(account.lists.fault.empty(), "nothing is sent while a list cannot be read");
    check_gate(on, what);
    check_durable(what);
    check_room(files, of_job);
}

void fake_world::check_gate(const connection& on, const flight& /*what*/)
{
    const limit_truth& truth = limits_[on.limit];
    expect(truth.owned, "a limit is owned by who sends under it");
    expect(now_ >= truth.opens_at, "nothing is sent within the silence (P3)");
    expect(truth.canary == 0, "a canary goes alone");
    const auto stored = disk.limits.find(on.limit);
    expect(
        stored != disk.limits.end() && !stored->second.clean,
        "a limit is noted as in use before it is used"
    );
}

void fake_world::check_durable(const flight& what) const
{
    const job_files& files = *what.files;
    const job_state state = files.state.value_or(job_state{});
    const send_mark mark = files.mark.value_or(send_mark{});
    // A clean stop overrules the marks before it.
    const bool holds = !state.clean || mark.epoch > state.epoch;
    expect(holds && mark.upto >= what.n, "the mark is durable before the token is sent");
    expect(files.sent_noted, "the first request is noted before it is sent");
    expect(state.holds.empty(), "nothing of a held job is sent");
    expect(!state.cancelled_at, "nothing of a cancelled job is sent");
    const job_options& options = files.manifest.options;
    expect(
        !options.not_before || now().wall >= *options.not_before, "nothing goes before not_before"
    );
    for (const result_record& record : state.provisional)
        expect(record.n != what.n, "a provisional token is not sent again");
}

void fake_world::check_room(const job_files& files, std::size_t in_flight) const
{
    // Answers that settle a token and are not written yet need their room, too.
    const auto found = settled_answers_.find(&files);
    const std::uint64_t settled = found == settled_answers_.end() ? 0 : found->second;
    const std::uint64_t owed = settled - std::min(settled, files.lines);
    // No record of a request that was answered is shorter than a quarter of the longest.
    const std::uint64_t needed =
        files.results.size() + (in_flight + owed / 4 + 1) * record_bytes_max;
    expect(files.reserved >= needed, "there is room for the records of all in flight (P5)");
}

void fake_world::note_answer(connection& on, const flight& what, const api_reply& reply)
{
    limit_truth& truth = limits_[on.limit];
    --truth.in_flight;
    on.clean_reply = true;
    const int status = reply.status;
    if (status / 100 == 2) {
        acknowledged_.insert(what.token);
        proven_.insert(on.account);
        ++settled_answers_[what.files];
    }
    if (status == 429) {
        throttled_at.push_back(now_);
        truth.silent = true;
        truth.canary = 0;
        truth.opens_at = std::max(truth.opens_at, now_ + 5s);
        return;
    }
    if (truth.canary == what.number) {
        truth.canary = 0;
        truth.silent = status >= 500;
    }
}

void fake_world::note_lost(connection& on)
{
    limit_truth& truth = limits_[on.limit];
    for (const flight& lost : on.unanswered) {
        --truth.in_flight;
        if (truth.canary == lost.number)
            truth.canary = 0;
    }
    on.unanswered.clear();
}

// P1 and P2, for a job that has ended.
void fake_world::audit(const job_files& files) const
{
    expect(files.durable == files.results.size(), "all results are durable at the end");
    outcome_counts counts;
    std::set<std::uint64_t> seen;
    for (const result_record& record : records_of(files.results)) {
        expect(seen.insert(record.n).second, "a token has one record");
        ++counts[record.result];
        const std::string& token = files.tokens.at(record.n);
        const auto removed = removed_.find(token);
        const bool ours = removed != removed_.end() && removed->second == &files;
        switch (record.result) {
            case outcome::deleted:
                expect(acknowledged_.contains(token), "deleted is what the API answered 2xx to");
                break;
            case outcome::not_found:
            case outcome::expired:
            case outcome::cancelled:
            case outcome::would_delete:
                expect(
                    !ours, std::string(to_string(record.result)) + " was not deleted by this job"
                );
                break;
            case outcome::already_gone:
                // After a crash the mark may name tokens that were not sent.
                expect(sent_times_[token] >= 2 || has_crashed_, "already_gone was sent before");
                break;
            case outcome::refused:
            case outcome::unknown:
            case outcome::invalid:
            case outcome::duplicate:
                break;
        }
    }
    expect(seen.size() == files.manifest.total, "every token of an ended job has its record");
    expect(counts == files.summary->outcomes, "the summary counts what the log says");
}

}  // namespace reaper::test
