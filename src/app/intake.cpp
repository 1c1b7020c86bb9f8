#include "reaper/app/intake.hpp"

#include "reaper/base/text.hpp"
#include "reaper/io/directory.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace reaper {

namespace {

constexpr std::size_t looks_per_step = 64;
// A big file gets a turn after so many of the small ones.
constexpr unsigned small_turns_max = 4;
constexpr duration pause_min = std::chrono::seconds(1);
constexpr duration pause_max = std::chrono::seconds(30);
// With so many claims in trouble something is wrong that more claims do not mend.
constexpr std::size_t stalled_max = 1000;
constexpr std::uint64_t big_bytes = 1u << 20;

duration longer(duration pause)
{
    return pause == duration{} ? pause_min : std::min(2 * pause, pause_max);
}

// A name without its ending: what `submit` makes the job's id.
std::string_view stem_of(std::string_view name)
{
    return is_job_id(name) ? name : name.substr(0, name.rfind('.'));
}

// False only if it is certain that there is nothing.
bool may_exist(const std::string& path)
{
    struct stat about = {};
    return ::lstat(path.c_str(), &about) == 0 || errno != ENOENT;
}

}  // namespace

intake::intake(spool_paths spool, settings config, intake_events& events, mode how)
    : spool_(std::move(spool)),
      config_(std::make_shared<const settings>(std::move(config))),
      events_(events),
      only_first_scan_(how.only_first_scan),
      random_(how.seed)
{
    rebuild_folders();
}

void intake::rebuild_folders()
{
    std::vector<std::string> wanted = {""};
    for (const auto& [name, account] : config_->accounts)
        wanted.push_back(name);

    std::vector<std::unique_ptr<intake_folder>> kept;
    for (const auto& account : wanted) {
        const auto known = std::find_if(folders_.begin(), folders_.end(), [&](const auto& folder) {
            return folder != nullptr && folder->account() == account;
        });
        if (known != folders_.end()) {
            kept.push_back(std::move(*known));
            kept.back()->apply(config_->intake);
            continue;
        }
        kept.push_back(
            std::make_unique<intake_folder>(spool_.folder_of(account), account, config_->intake)
        );
        if (only_first_scan_)
            kept.back()->scan_only_once();
    }
    folders_ = std::move(kept);
    next_folder_ = 0;
}

result<void> intake::clean_up()
{
    const auto left = list_staging(spool_);
    if (!left)
        return left.error();
    for (const auto& id : *left) {
        const auto staging = spool_.staging(id);
        const auto text = read_file_bounded(staging + "/" + std::string{origin_file}, 4096);
        const auto origin = text ? parse_origin(*text) : result<file_origin>{text.error()};
        // Its claim will be taken in again, and needs to know its name. What cannot be read now may
        // be all that tells it.
        if (!origin && may_pass(origin.error()))
            continue;
        if (origin && may_exist(spool_.folder_of(origin->account) + "/" + claim_name(id)))
            continue;
        if (auto removed = remove_job_directory(staging); !removed)
            return removed;
    }
    return {};
}

void intake::apply(settings config)
{
    config_ = std::make_shared<const settings>(std::move(config));
    rebuild_folders();
}

intake_folder* intake::folder_of(const std::string& account)
{
    for (const auto& folder : folders_) {
        if (folder->account() == account)
            return folder.get();
    }
    return nullptr;
}

void intake::hint(const watch_event& event)
{
    switch (event.is) {
        case watch_event::what::control:
            return;
        case watch_event::what::rescan:
            for (const auto& folder : folders_)
                folder->rescan();
            return;
        case watch_event::what::changed:
        case watch_event::what::renamed_in:
            if (auto* folder = folder_of(event.account))
                folder->hint(event.name, event.is == watch_event::what::renamed_in);
            return;
    }
}

bool intake::step(instant now)
{
    bool more = false;
    for (const auto& folder : folders_)
        more = folder->look_around(now, looks_per_step, *config_, busy_) || more;

    more = start_one(small_, true, now) || more;
    more = start_one(big_, false, now) || more;

    // Small files first, but not for ever.
    if (small_ && (!big_ || small_turns_ < small_turns_max)) {
        ++small_turns_;
        return work_on(small_, now) || more;
    }
    small_turns_ = 0;
    return (big_ && work_on(big_, now)) || small_ || more;
}

// Fills the slot with the next file; the folders take turns. True if it did.
bool intake::start_one(slot& free, bool small, instant now)
{
    if (free || !may_start(now))
        return false;
    if (start_stalled(free, small, now))
        return true;
    if (stalled_.size() >= stalled_max)
        return false;
    for (std::size_t i = 0; i < folders_.size(); ++i) {
        auto& folder = *folders_[next_folder_];
        next_folder_ = (next_folder_ + 1) % folders_.size();
        auto source = folder.next_ready(small, now);
        if (!source)
            continue;
        if (!source->claimed) {
            auto id = choose_id(*source, now);
            if (!id) {
                folder.put_back(*source);
                pause_all(id.error().sentence, now);
                return false;
            }
            source->id = std::move(*id);
        }
        begin(free, std::move(*source));
        return true;
    }
    return false;
}

bool intake::start_stalled(slot& free, bool small, instant now)
{
    for (const auto& [id, claim] : stalled_) {
        if (claim.retry_at > now.mono || (claim.source.size < big_bytes) != small)
            continue;
        if (busy_.contains(id) &&
            ((small_ && small_->source().id == id) || (big_ && big_->source().id == id)))
            continue;
        begin(free, claim.source);
        return true;
    }
    return false;
}

void intake::begin(slot& free, taking_source source)
{
    busy_.insert(source.id);
    free = std::make_unique<taking>(spool_, config_, std::move(source));
}

bool intake::work_on(slot& busy, instant now)
{
    const auto status = busy->step(now);
    if (status != taking_status::working)
        finish(busy, status, now);
    return true;
}

void intake::finish(slot& busy, taking_status how, instant now)
{
    const slot work = std::move(busy);
    const auto& source = work->source();
    auto* folder = folder_of(source.account);
    if (folder != nullptr && !source.name.empty() && (source.claimed || how == taking_status::gone))
        folder->forget(source.name);

    if (how == taking_status::stuck) {
        note_trouble(*work, folder, now);
        return;
    }
    busy_.erase(source.id);
    stalled_.erase(source.id);
    disk_trouble_.clear();
    disk_pause_ = {};
    disk_retry_at_ = mono_time::min();
    if (folder != nullptr)
        folder->note_success();
    if (how == taking_status::taken)
        events_.job_taken(work->manifest(), work->state());
    if (how == taking_status::rejected)
        events_.file_rejected(work->why_rejected());
}

void intake::pause_all(std::string why, instant now)
{
    disk_trouble_ = std::move(why);
    disk_pause_ = longer(disk_pause_);
    disk_retry_at_ = now.mono + disk_pause_;
}

void intake::note_trouble(const taking& failed, intake_folder* folder, instant now)
{
    const auto& source = failed.source();
    if (!failed.is_source_to_blame())
        pause_all(failed.trouble().sentence, now);
    if (!source.claimed) {
        busy_.erase(source.id);
        if (folder == nullptr)
            return;
        folder->put_back(source);
        if (failed.is_source_to_blame())
            folder->hold_off(failed.trouble().sentence, now);
        return;
    }
    auto& claim = stalled_[source.id];
    claim.source = source;
    claim.source.name.clear();
    claim.why = failed.trouble().sentence;
    claim.pause = longer(claim.pause);
    claim.retry_at = now.mono + claim.pause;
}

result<std::string> intake::choose_id(const taking_source& source, instant now)
{
    const std::string stem{stem_of(source.name)};
    if (is_job_id(stem)) {
        const auto unused = is_unused(stem, source.account);
        if (!unused)
            return unused.error();
        if (*unused)
            return stem;
    }
    constexpr int attempts_max = 1000;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        auto id = make_job_id(now.wall, source.name, static_cast<std::uint16_t>(random_()));
        const auto unused = is_unused(id, source.account);
        if (!unused)
            return unused.error();
        if (*unused)
            return id;
    }
    return fault{
        "too many files of the same name were dropped within a second: they are taken later"};
}

result<bool> intake::is_unused(const std::string& id, const std::string& account) const
{
    const auto place = find_job(spool_, id);
    if (!place)
        return place.error();
    return *place == job_place::nowhere && !busy_.contains(id) && !may_exist(spool_.staging(id)) &&
           !may_exist(spool_.folder_of(account) + "/" + claim_name(id));
}

mono_time intake::next_look() const
{
    if (small_ || big_)
        return mono_time::min();
    auto next = mono_never;
    for (const auto& folder : folders_) {
        next = std::min(next, folder->next_look());
        if (stalled_.size() < stalled_max)
            next = std::min(next, std::max(folder->ready_at(), disk_retry_at_));
    }
    for (const auto& [id, claim] : stalled_)
        next = std::min(next, std::max(claim.retry_at, disk_retry_at_));
    return next;
}

bool intake::is_done() const
{
    return !small_ && !big_ && stalled_.empty() &&
           std::all_of(folders_.begin(), folders_.end(), [](const auto& folder) {
               return folder->is_done();
           });
}

std::vector<intake_problem> intake::problems() const
{
    std::vector<intake_problem> problems;
    if (!disk_trouble_.empty())
        problems.push_back({spool_.active, "no file can be taken in: " + disk_trouble_});
    for (const auto& [id, claim] : stalled_) {
        problems.push_back(
            {spool_.folder_of(claim.source.account) + "/" + claim_name(id), claim.why}
        );
    }
    for (const auto& folder : folders_)
        folder->add_problems(problems);
    return problems;
}

}  // namespace reaper
