#include "reaper/app/world.hpp"

#include "reaper/app/finish.hpp"
#include "reaper/base/text.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/spool_state.hpp"
#include "reaper/rt/log.hpp"

#include <algorithm>
#include <utility>

namespace reaper {

// One connection: what the engine sends is gathered here, and written as one piece.
class world::outlet final : public connection_events
{
public:
    outlet(world& owner, link_id id, const account_access& access, connection_target target)
        : owner_(owner),
          id_(id),
          requests_(access.requests),
          connection_(owner.ground_.connections.make(access.tls, std::move(target), *this))
    {
    }

    [[nodiscard]] link_id id() const { return id_; }

    void open() { connection_->open(); }

    void shut() { connection_->shut(); }

    void add(std::string_view token) { requests_.append(gathered_, token); }

    void flush()
    {
        connection_->write(gathered_);
        gathered_.clear();
    }

    void connected() override
    {
        owner_.engine_->connected(id_, owner_.ground_.clocks());
        owner_.ground_.on_event();
    }

    void connect_failed(std::string sentence) override
    {
        owner_.engine_->connect_failed(id_, std::move(sentence), owner_.ground_.clocks());
        owner_.ground_.on_event();
    }

    void received(std::string_view bytes) override
    {
        owner_.engine_->received(id_, bytes, owner_.ground_.clocks());
        owner_.ground_.on_event();
    }

    void written() override
    {
        if (owner_.engine_->written(id_))
            owner_.ground_.on_event();
    }

    void closed(std::string sentence, bool clean_eof) override
    {
        owner_.engine_->closed(id_, sentence, clean_eof, owner_.ground_.clocks());
        owner_.ground_.on_event();
    }

private:
    world& owner_;
    link_id id_;
    request_template requests_;  // new keys apply from the next connection
    std::string gathered_;
    std::unique_ptr<connection> connection_;
};

world::world(
    ground on, const spool_paths& spool, account_keeper& accounts, std::uint64_t free_floor
)
    : ground_(std::move(on)),
      spool_(spool),
      accounts_(accounts),
      store_(spool, free_floor),
      limits_(spool)
{
}

world::~world()
{
    for (auto& [id, each] : outlets_)
        each->shut();
}

void world::later(std::function<void(instant)> event)
{
    ended_.push_back(std::move(event));
    ground_.on_event();
}

bool world::deliver(instant now)
{
    closed_outlets_.clear();
    const auto events = std::exchange(ended_, {});
    for (const auto& event : events)
        event(now);
    const bool finished = step_finishing(now);
    return finished || !events.empty();
}

// --- connections

void world::open_link(link_id link, const std::string& account)
{
    const endpoint_settings& endpoint = accounts_.settings_of(account).endpoint;
    connection_target target{.host = endpoint.host, .port = endpoint.port, .tls = endpoint.tls};
    auto made = std::make_unique<outlet>(*this, link, accounts_.access(account), std::move(target));
    made->open();
    outlets_.emplace(link, std::move(made));
}

void world::send(link_id link, std::string_view token)
{
    // A link is sent to many times in a row.
    if (sending_ == nullptr || sending_->id() != link)
        sending_ = outlets_.at(link).get();
    sending_->add(token);
}

void world::flush(link_id link)
{
    outlets_.at(link)->flush();
}

void world::close_link(link_id link)
{
    const auto found = outlets_.find(link);
    if (found == outlets_.end())
        return;
    sending_ = nullptr;
    // It may be the one whose event we are in: it lives until the turn is over.
    found->second->shut();
    closed_outlets_.push_back(std::move(found->second));
    outlets_.erase(found);
    ground_.on_event();
}

// --- files of a job

void world::note_job(const job_manifest& manifest)
{
    manifests_[manifest.id] = manifest;
}

result<std::size_t> world::read_input(
    const std::string& job, std::uint64_t offset, std::span<char> into
)
{
    return store_.read_input(job, offset, into);
}

result<void> world::reserve(const std::string& job, std::uint64_t upto)
{
    return store_.reserve(job, upto);
}

result<void> world::write_results(
    const std::string& job, std::uint64_t offset, std::string_view bytes
)
{
    return store_.write_results(job, offset, bytes);
}

void world::sync_results(const std::string& job)
{
    store_.sync_results(job, ground_.syncs, [this, job](const result<void>& ended) {
        later([this, job, ended](instant now) { engine_->results_synced(job, ended, now); });
    });
}

void world::write_mark(const std::string& job, const send_mark& mark)
{
    store_.write_mark(job, mark, ground_.mark_syncs, [this, job](const result<void>& ended) {
        later([this, job, ended](instant now) { engine_->mark_written(job, ended, now); });
    });
}

result<void> world::store_state(const std::string& job, const job_state& state)
{
    return store_.store_state(job, state);
}

result<void> world::note_first_send(const std::string& job)
{
    return note_sent(spool_, manifests_.at(job).sha256, job);
}

void world::finish(const std::string& job, const job_summary& summary)
{
    store_.forget(job);
    finishing_.insert_or_assign(job, job_finisher(spool_, manifests_.at(job), summary));
    ground_.on_event();
}

// One bounded piece of each job that ends: a big one must not stall the others.
bool world::step_finishing(instant now)
{
    bool any = false;
    for (auto it = finishing_.begin(); it != finishing_.end();) {
        const result<bool> done = it->second.step();
        if (done && !*done) {
            ++it;
            ground_.on_event();
            continue;
        }
        const std::string job = it->first;
        it = finishing_.erase(it);
        any = true;
        if (done)
            manifests_.erase(job);
        engine_->finished(job, done ? result<void>() : result<void>(done.error()), now);
    }
    return any;
}

// --- limits and routes

result<void> world::claim_limit(const std::string& limit)
{
    auto lock = file_lock::acquire(limit_lock_path(spool_, limit), lock_holder());
    if (!lock) {
        if (std::find(lent_limits_.begin(), lent_limits_.end(), limit) == lent_limits_.end())
            lent_limits_.push_back(limit);
        return lock.error();
    }
    limit_locks_.insert_or_assign(limit, std::move(*lock));
    return {};
}

void world::retry_limits(instant now)
{
    for (const std::string& limit : std::exchange(lent_limits_, {}))
        if (claim_limit(limit))
            engine_->limit_acquired(limit, now);
}

std::optional<limit_state> world::load_limit(const std::string& limit)
{
    const auto stored = read_limit(spool_, limit);
    if (stored)
        return *stored;
    report(
        {.level = notice_level::warning,
         .text = stored.error().sentence + "; the limit stays shut for its first five seconds",
         .job = {},
         .account = {}}
    );
    limit_state unknown;  // as one that no clean stop wrote
    unknown.id = limit;
    return unknown;
}

result<void> world::store_limit(const limit_state& state)
{
    return limits_.store(state);
}

void world::note_limit(const limit_state& state)
{
    limits_.note(state, ground_.syncs);
}

void world::yield_limit(const std::string& limit)
{
    limit_locks_.erase(limit);
    static_cast<void>(remove_control(want_path(spool_, limit)));  // the asker removes it as well
    if (std::find(lent_limits_.begin(), lent_limits_.end(), limit) == lent_limits_.end())
        lent_limits_.push_back(limit);
}

result<void> world::store_proof(const std::string& account)
{
    return write_proof(spool_, accounts_.access(account).route);
}

// --- words

std::string world::presentable(std::string_view text)
{
    // Most answers say nothing.
    return text.empty() ? std::string() : reaper::presentable(text, accounts_.secrets());
}

void world::report(const notice& what)
{
    const auto write = [&](log_fields fields) {
        switch (what.level) {
            case notice_level::info:
                log_info(what.text, fields);
                return;
            case notice_level::warning:
                log_warning(what.text, fields);
                return;
            case notice_level::error:
                log_error(what.text, fields);
                return;
        }
    };
    if (!what.job.empty())
        write({{"job", what.job}, {"account", what.account}});
    else if (!what.account.empty())
        write({{"account", what.account}});
    else
        write({});
}

}  // namespace reaper
