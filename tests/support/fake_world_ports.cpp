// The ports: connections with their API behind them, files, limits.

#include "reaper/base/text.hpp"
#include "support/fake_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace reaper::test {

void fake_world::called()
{
    if (++calls == crash_at_call)
        throw crashed{};
}

result<void> fake_world::fallible(const std::string& what)
{
    called();
    ++fallible_calls;
    if (fallible_calls < fail_from || fallible_calls > fail_upto)
        return {};
    return system_fault("cannot " + what, fail_with);
}

// --- connections ---------------------------------------------------------------------------------

void fake_world::open_link(link_id link, const std::string& account)
{
    called();
    connects.push_back(now_);
    connection& made = links_[link];
    made.account = account;
    made.limit = setup(account).limit;
    later(30ms, [this, link] {
        const auto found = links_.find(link);
        if (found == links_.end())
            return;
        const std::string refused = connect ? connect(found->second.account) : "";
        found->second.up = refused.empty();
        if (refused.empty())
            engine_->connected(link, now());
        else
            engine_->connect_failed(link, refused, now());
    });
}

void fake_world::send(link_id link, std::string_view token)
{
    called();
    connection& on = links_.at(link);
    flight what = find_token(std::string(token));
    what.number = ++requests_;
    check_send(on, what);
    limit_truth& truth = limits_[on.limit];
    ++truth.in_flight;
    ++sent_times_[what.token];
    if (truth.silent)
        truth.canary = what.number;
    sent.push_back(
        {.at = now_,
         .job = what.files->manifest.id,
         .n = what.n,
         .account = on.account,
         .link = link}
    );
    on.unanswered.push_back(std::move(what));
}

void fake_world::flush(link_id link)
{
    called();
    connection& on = links_.at(link);
    expect(!on.writing, "a write is flushed when the one before has ended");
    on.writing = true;
    later(0ms, [this, link] {
        if (const auto found = links_.find(link); found != links_.end()) {
            found->second.writing = false;
            needs_no_turn_ = !engine_->written(link);
        }
    });
    while (on.flushed < on.unanswered.size())
        serve(link, on, on.unanswered[on.flushed++]);
}

void fake_world::close_link(link_id link)
{
    called();
    const auto found = links_.find(link);
    if (found == links_.end())
        return;
    note_lost(found->second);
    links_.erase(found);
}

// The API looks at one request, in their order.
void fake_world::serve(link_id link, connection& on, const flight& what)
{
    if (on.over)
        return;
    const api_request asked{
        .link = link,
        .account = on.account,
        .token = what.token,
        .ordinal = ++on.requests,
        .number = what.number,
        .times = ++asked_[what.token],
        .exists = campaigns.contains(what.token),
        .at = now_};
    const api_reply reply = api(asked);
    if ((reply.status / 100 == 2 || reply.removes) && campaigns.erase(what.token) > 0)
        removed_[what.token] = what.files;
    const bool silent = reply.status == 0 && reply.raw.empty();
    on.over = reply.then != api_reply::end::keep || silent;
    if (silent && reply.then == api_reply::end::keep)
        return;
    on.free_at = std::max(on.free_at, now_ + reply.delay);
    later(on.free_at - now_, [this, link, reply, number = what.number] {
        deliver(link, reply, number);
    });
}

void fake_world::deliver(link_id link, const api_reply& reply, std::uint64_t number)
{
    const auto found = links_.find(link);
    if (found == links_.end())
        return;
    const std::string bytes = reply.bytes();
    if (!bytes.empty()) {
        expect(found->second.unanswered.front().number == number, "answers come in order");
        const std::size_t step = piece_bytes == 0 ? bytes.size() : piece_bytes;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            const bool last = at + step >= bytes.size();
            receive(link, bytes.substr(at, step), last, reply);
        }
    }
    if (reply.then == api_reply::end::keep || !links_.contains(link))
        return;
    const bool clean = reply.then == api_reply::end::close;
    engine_->closed(link, clean ? "the server closed" : "connection reset by peer", clean, now());
    expect(!links_.contains(link), "a connection that was closed is let go of");
}

void fake_world::receive(link_id link, std::string bytes, bool last, const api_reply& reply)
{
    const auto found = links_.find(link);
    if (found == links_.end())
        return;
    if (last && reply.status != 0) {
        const flight what = std::move(found->second.unanswered.front());
        found->second.unanswered.pop_front();
        --found->second.flushed;
        note_answer(found->second, what, reply);
    }
    engine_->received(link, bytes, now());
    // A later piece finds the engine as busy as ever.
    if (!last)
        static_cast<void>(engine_->advance(now()));
}

void fake_world::close_by_server(link_id link)
{
    if (!links_.contains(link))
        return;
    engine_->closed(link, "the server closed", true, now());
    expect(!links_.contains(link), "a connection that was closed is let go of");
}

// --- files ---------------------------------------------------------------------------------------

result<std::size_t> fake_world::read_input(
    const std::string& job, std::uint64_t offset, std::span<char> into
)
{
    if (const auto ok = fallible("read the input"); !ok)
        return ok.error();
    const std::string& input = disk.jobs.at(job).input;
    const std::size_t from = std::min<std::size_t>(offset, input.size());
    const std::size_t size = std::min(into.size(), input.size() - from);
    std::memcpy(into.data(), input.data() + from, size);
    return size;
}

result<void> fake_world::reserve(const std::string& job, std::uint64_t upto)
{
    if (auto ok = fallible("reserve room"); !ok)
        return ok;
    std::uint64_t& reserved = disk.jobs.at(job).reserved;
    reserved = std::max(reserved, upto);
    return {};
}

result<void> fake_world::write_results(
    const std::string& job, std::uint64_t offset, std::string_view bytes
)
{
    job_files& files = disk.jobs.at(job);
    if (auto ok = fallible("write results"); !ok) {
        disk.write(files, offset, bytes);  // a short write
        files.results.resize(files.durable + bytes.size() / 2);
        return ok;
    }
    disk.write(files, offset, bytes);
    return {};
}

void fake_world::sync_results(const std::string& job)
{
    const auto ended = fallible("sync results");
    later(disk_delay, [this, job, ended] {
        job_files& files = disk.jobs.at(job);
        // What a failed sync was to save is gone.
        if (ended)
            disk.sync(files);
        else
            files.results.resize(files.durable);
        engine_->results_synced(job, ended, now());
    });
}

void fake_world::write_mark(const std::string& job, const send_mark& mark)
{
    const auto ended = fallible("write the mark");
    job_files& files = disk.jobs.at(job);
    expect(!files.mark_under_way, "one mark is written at a time");
    files.mark_under_way = mark;
    later(disk_delay, [this, job, mark, ended] {
        job_files& now_there = disk.jobs.at(job);
        now_there.mark_under_way.reset();
        if (ended)
            now_there.mark = mark;
        engine_->mark_written(job, ended, now());
    });
}

result<void> fake_world::store_state(const std::string& job, const job_state& state)
{
    if (auto ok = fallible("store the state"); !ok)
        return ok;
    expect(!is_done(job), "the state of a job that is done stays as it is");
    disk.jobs.at(job).state = state;
    return {};
}

result<void> fake_world::note_first_send(const std::string& job)
{
    if (auto ok = fallible("note the first request"); !ok)
        return ok;
    disk.jobs.at(job).sent_noted = true;
    return {};
}

void fake_world::finish(const std::string& job, const job_summary& summary)
{
    const auto ended = fallible("move the job");
    later(disk_delay, [this, job, summary, ended] {
        job_files& files = disk.jobs.at(job);
        if (ended) {
            files.summary = summary;
            audit(files);
        }
        engine_->finished(job, ended, now());
    });
}

// --- limits and words ----------------------------------------------------------------------------

result<void> fake_world::claim_limit(const std::string& limit)
{
    called();
    if (no_claims)
        return *no_claims;
    limits_[limit].owned = !lent_limits.contains(limit);
    if (!limits_[limit].owned)
        return fault{"a command", EWOULDBLOCK};
    return {};
}

std::optional<limit_state> fake_world::load_limit(const std::string& limit)
{
    called();
    const auto found = disk.limits.find(limit);
    return found == disk.limits.end() ? std::nullopt : std::optional(found->second);
}

result<void> fake_world::store_limit(const limit_state& state)
{
    if (auto ok = fallible("note the limit"); !ok)
        return ok;
    disk.limits[state.id] = state;
    return {};
}

void fake_world::note_limit(const limit_state& state)
{
    called();
    expect(
        disk.limits.contains(state.id) && !disk.limits.at(state.id).clean && !state.clean,
        "only of a limit in use something is noted, and it stays in use"
    );
    noted_limits.emplace_back(now_, state);
    if (notes_arrive)
        disk.limits[state.id] = state;
}

void fake_world::yield_limit(const std::string& limit)
{
    called();
    expect(limits_[limit].in_flight == 0, "a limit is let go of with nothing in flight");
    expect(disk.limits.at(limit).clean, "a limit is let go of with its state stored");
    limits_[limit].owned = false;
    yielded_limits.push_back(limit);
}

result<void> fake_world::store_proof(const std::string& account)
{
    if (auto ok = fallible("store the proof"); !ok)
        return ok;
    disk.proofs.insert(account);
    return {};
}

std::string fake_world::presentable(std::string_view text)
{
    return reaper::presentable(text, {"SECRETKEY"});
}

void fake_world::report(const notice& what)
{
    expect(what.text.find("SECRETKEY") == std::string::npos, "no key is reported");
    notices.push_back(what);
}

}  // namespace reaper::test
