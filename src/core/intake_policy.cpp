#include "reaper/core/intake_policy.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace reaper {

namespace {

// A file that is not whole after this long is worth a sentence: somebody may have forgotten it.
constexpr duration patience = std::chrono::minutes(1);

// With no settle time at all an open file is still not looked at in a circle.
constexpr duration look_pause_min = std::chrono::milliseconds(100);

// Endings under which common programs keep a file that they are still writing.
constexpr std::array<std::string_view, 6> unfinished_endings = {
    ".tmp",
    ".part",
    ".filepart",
    ".crdownload",
    ".swp",
    "~",
};

bool ends_with_any_case(std::string_view text, std::string_view ending)
{
    if (text.size() < ending.size())
        return false;
    const auto tail = text.substr(text.size() - ending.size());
    return std::equal(tail.begin(), tail.end(), ending.begin(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
}

// Why the entry can never be a job as it lies there, or empty.
std::string misfit(const entry_facts& facts)
{
    switch (facts.kind) {
        case file_kind::regular:
            break;
        case file_kind::directory:
            return "it is a directory, not a job file: move the files in it one level up";
        case file_kind::symlink:
            return "it is a symbolic link, which is not followed: copy the file itself here";
        case file_kind::fifo:
            return "it is a FIFO, not a file: remove it and drop a regular file";
        case file_kind::socket:
            return "it is a socket, not a file: remove it and drop a regular file";
        case file_kind::device:
            return "it is a device, not a file: remove it and drop a regular file";
    }
    if (facts.links != 1) {
        return "it has " + std::to_string(facts.links) +
               " hard links: copy it instead of linking it, so that no other name can change it";
    }
    if (!facts.readable) {
        return "the daemon may not read it: give its user or group the right to "
               "(chmod g+r, and chgrp if need be)";
    }
    return {};
}

}  // namespace

intake_policy::intake_policy(duration settle, std::size_t tracked_max)
    : settle_(settle), tracked_max_(tracked_max)
{
}

bool intake_policy::is_left_alone(std::string_view name)
{
    // The last is what a file system of its own has at its top.
    if (name.empty() || name.front() == '.' || name == "lost+found")
        return true;
    return std::any_of(
        unfinished_endings.begin(),
        unfinished_endings.end(),
        [name](std::string_view ending) { return ends_with_any_case(name, ending); }
    );
}

intake_verdict intake_policy::look(const entry_facts& facts, mono_time now)
{
    if (is_left_alone(facts.name)) {
        forget(facts.name);
        return {};
    }
    if (auto why = misfit(facts); !why.empty()) {
        forget(facts.name);
        return {.step = intake_step::leave, .look_at = mono_never, .why = std::move(why)};
    }

    auto found = tracked_.find(facts.name);
    if (found == tracked_.end()) {
        if (is_full())
            return {.step = intake_step::wait, .look_at = now + settle_, .why = {}};
        found = tracked_.emplace(facts.name, entry{}).first;
        found->second.first_seen = now;
    }
    found->second.round = round_;
    const auto verdict = judge(found->second, facts, now);
    schedule(facts.name, found->second, verdict.look_at);
    return verdict;
}

intake_verdict intake_policy::judge(entry& known, const entry_facts& facts, mono_time now) const
{
    const sighting seen{
        .device = facts.device,
        .inode = facts.inode,
        .size = facts.size,
        .modified_ns = facts.modified_ns,
        .changed_ns = facts.changed_ns,
    };
    // A rename vouches for the file as it was then. What is written afterwards has to settle.
    if (known.seen != seen) {
        known.renamed_in = false;
        known.same_since = now;
        known.seen = seen;
    }
    if (facts.renamed_in)
        known.renamed_in = true;

    const bool settled = now - known.same_since >= settle_;
    if (facts.size == 0) {
        if (!settled)
            return {.step = intake_step::wait, .look_at = known.same_since + settle_, .why = {}};
        return {
            .step = intake_step::leave,
            .look_at = mono_never,
            .why = "it is empty: it becomes a job when tokens are written to it",
        };
    }
    if (known.renamed_in || (settled && facts.open_by != writers::some))
        return {.step = intake_step::take, .look_at = mono_never, .why = {}};

    intake_verdict verdict;
    verdict.step = intake_step::wait;
    verdict.look_at =
        settled ? now + std::max(settle_, look_pause_min) : known.same_since + settle_;
    if (now - known.first_seen >= patience) {
        verdict.why = settled
                          ? "a process still has it open for writing: it is taken in when closed"
                          : "it is still being written: it is taken in when it stops changing";
    }
    return verdict;
}

void intake_policy::schedule(const std::string& name, entry& known, mono_time look_at)
{
    if (known.look_at != mono_never)
        agenda_.erase({known.look_at, name});
    known.look_at = look_at;
    if (look_at != mono_never)
        agenda_.emplace(look_at, name);
}

void intake_policy::forget(const std::string& name)
{
    const auto found = tracked_.find(name);
    if (found == tracked_.end())
        return;
    schedule(name, found->second, mono_never);
    tracked_.erase(found);
}

void intake_policy::forget_unseen()
{
    for (auto it = tracked_.begin(); it != tracked_.end();) {
        const auto here = it++;
        if (here->second.round == round_)
            continue;
        schedule(here->first, here->second, mono_never);
        tracked_.erase(here);
    }
}

std::vector<std::string> intake_policy::due(mono_time now, std::size_t count_max) const
{
    std::vector<std::string> names;
    for (auto it = agenda_.begin(); it != agenda_.end() && it->first <= now; ++it) {
        if (names.size() == count_max)
            break;
        names.push_back(it->second);
    }
    return names;
}

mono_time intake_policy::next_look() const
{
    return agenda_.empty() ? mono_never : agenda_.begin()->first;
}

}  // namespace reaper
