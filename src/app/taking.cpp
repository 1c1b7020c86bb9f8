// Claiming and copying a dropped file. Checking and publishing the copy are in taking_check.cpp and
// taking_publish.cpp.

#include "reaper/app/taking.hpp"

#include "reaper/base/text.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/io/entry_look.hpp"
#include "taking_pieces.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

namespace reaper {

namespace {

// So much of a copy at most is not on the disk when it is synced at last: the loop that sends must
// not wait for more.
constexpr std::uint64_t unsynced_bytes_max = 4u << 20;

// A file's name in a claim that has lost its origin: what stands between time and entropy in the
// id.
std::string name_in_id(std::string_view id)
{
    constexpr std::size_t time_bytes = 17;    // 20261122T203015Z-
    constexpr std::size_t entropy_bytes = 5;  // -1a2b
    return std::string{id.substr(time_bytes, id.size() - time_bytes - entropy_bytes)};
}

}  // namespace

taking::taking(
    const spool_paths& spool, std::shared_ptr<const settings> config, taking_source source
)
    : spool_(spool), config_(std::move(config)), source_(std::move(source))
{
}

std::string taking::claim_path() const
{
    return folder() + "/" + claim_name(source_.id);
}

std::string taking::staged(std::string_view file) const
{
    return spool_.staging(source_.id) + "/" + std::string{file};
}

taking_status taking::step(instant now)
{
    if (phase_ == phase::ended)
        return outcome_;
    if (auto done = perform_in_memory(now); !done) {
        trouble_ = done.error();
        outcome_ = taking_status::stuck;
        phase_ = phase::ended;
        abandon();
    }
    return phase_ == phase::ended ? outcome_ : taking_status::working;
}

// The set that finds duplicates grows with the file: where there is not enough memory for it, the
// file waits, and the others go on.
result<void> taking::perform_in_memory(instant now)
{
    try {
        return perform(now);
    } catch (const std::bad_alloc&) {
        seen_.reset();
        reader_.reset();
        return blame_source(fault{
            (source_.claimed ? claim_path() : folder() + "/" + source_.name) +
                ": there is not enough memory to look for duplicates in it: give the daemon more "
                "(ulimit -v, MemoryMax), or drop the file in parts",
            ENOMEM});
    }
}

result<void> taking::perform(instant now)
{
    switch (phase_) {
        case phase::preparing:
            return prepare();
        case phase::claiming:
            return claim();
        case phase::opening:
            return open_files();
        case phase::copying:
            return copy_piece();
        case phase::reading_options:
            return read_options_piece();
        case phase::checking:
            return check_piece(now);
        case phase::deciding:
            return decide(now);
        case phase::syncing_files:
            return sync_files();
        case phase::publishing:
            return publish();
        case phase::removing_claim:
            return remove_claim();
        case phase::ended:
            break;
    }
    return {};
}

fault taking::blame_source(fault why)
{
    source_to_blame_ = true;
    return why;
}

// After trouble: the room of the copy is given back. What tells the claim's origin stays.
void taking::abandon()
{
    reader_.reset();
    seen_.reset();
    dropped_ = unique_fd{};
    input_ = unique_fd{};
    records_ = unique_fd{};
    unsynced_.clear();
    // Failures here cost room only: the next attempt begins with the same steps.
    for (const auto file : {input_file, results_file, manifest_file, state_file, reason_file})
        ::unlink(staged(file).c_str());
    if (!source_.claimed) {
        // By name: to list the directory takes a descriptor, and there may be none.
        ::unlink(staged(origin_file).c_str());
        ::rmdir(spool_.staging(source_.id).c_str());
    }
}

result<void> taking::prepare()
{
    if (source_.claimed) {
        const auto place = find_job(spool_, source_.id);
        if (!place)
            return place.error();
        if (*place != job_place::nowhere)
            return adopt_published(*place);
    }
    if (::mkdir(spool_.staging(source_.id).c_str(), 0750) != 0 && errno != EEXIST)
        return system_fault("cannot make " + spool_.staging(source_.id));
    if (auto known = load_or_write_origin(); !known)
        return known;
    phase_ = source_.claimed ? phase::opening : phase::claiming;
    return {};
}

// The origin is written before the file loses its name. A power cut may lose what is in it all the
// same: then the name is told by the id, and only the ending of a name that was an id already is
// lost. That is not worth a sync of every file.
result<void> taking::load_or_write_origin()
{
    const auto path = staged(origin_file);
    if (source_.claimed) {
        const auto text = read_file_bounded(path, 4096);
        // The id tells less: it is asked only where the origin is gone.
        if (!text && may_pass(text.error()))
            return text.error();
        const auto origin = text ? parse_origin(*text) : result<file_origin>{text.error()};
        original_name_ = origin ? origin->name : name_in_id(source_.id);
        return {};
    }
    original_name_ = source_.name;
    const auto file = write_new_file(path, render_origin({source_.name, source_.account}));
    if (!file)
        return file.error();
    // Where the journal keeps the order of both, its bytes are on disk before the new name is.
    ::sync_file_range(
        file->get(),
        0,
        0,
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER
    );
    return {};
}

result<void> taking::claim()
{
    auto renamed = rename_surely(folder() + "/" + source_.name, claim_path());
    if (!renamed) {
        if (renamed.error().error_number != ENOENT)
            return blame_source(renamed.error());
        // Whoever dropped it has taken it back.
        outcome_ = taking_status::gone;
        phase_ = phase::ended;
        abandon();
        return {};
    }
    source_.claimed = true;
    phase_ = phase::opening;
    return {};
}

result<void> taking::open_files()
{
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    dropped_ = unique_fd{::open(claim_path().c_str(), flags)};
    if (dropped_.get() < 0) {
        if (errno == ENOENT) {
            source_.claimed = false;  // removed under us: nothing is left to take in
            outcome_ = taking_status::gone;
            phase_ = phase::ended;
            abandon();
            return {};
        }
        const auto why = system_fault("cannot open the claimed file " + claim_path());
        return errno == EMFILE || errno == ENFILE ? why : blame_source(why);
    }
    struct stat about = {};
    if (::fstat(dropped_.get(), &about) != 0)
        return blame_source(system_fault("cannot look at " + claim_path()));
    // The look before the claim saw a regular file with one name; somebody was quick.
    if (!S_ISREG(about.st_mode))
        return blame_source(fault{claim_path() + " is not a regular file any more: remove it"});
    if (about.st_nlink != 1) {
        return blame_source(fault{
            claim_path() +
            " has other hard links: remove them, so that no other name can change it"});
    }
    dropped_size_ = static_cast<std::uint64_t>(about.st_size);
    dropped_modified_ns_ = modified_ns(about);
    manifest_.dropped_by = owner_name(about.st_uid);
    hash_ = sha256_stream{};
    copied_ = synced_ = 0;

    constexpr int writing = O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    input_ = unique_fd{::open(staged(input_file).c_str(), writing, 0640)};
    if (input_.get() < 0)
        return system_fault("cannot write " + staged(input_file));
    records_ = unique_fd{::open(staged(results_file).c_str(), writing, 0640)};
    if (records_.get() < 0)
        return system_fault("cannot write " + staged(results_file));
    phase_ = phase::copying;
    return {};
}

result<void> taking::copy_piece()
{
    // Not beyond the size that it had: a file that somebody keeps writing to has no end.
    const auto wanted = std::min<std::uint64_t>(piece_bytes, dropped_size_ - copied_);
    if (auto read = read_piece(dropped_.get(), copied_, wanted, piece_); !read)
        return blame_source(read.error());
    if (piece_.empty()) {
        if (auto same = check_source_unchanged(); !same)
            return same;
        recognise();
        return {};
    }
    if (auto written = write_piece(input_.get(), piece_, staged(input_file)); !written)
        return written;
    return note_copied(piece_);
}

result<void> taking::note_copied(std::string_view bytes)
{
    hash_.update(bytes);
    copied_ += bytes.size();
    if (copied_ - synced_ < unsynced_bytes_max)
        return {};
    if (::fdatasync(input_.get()) != 0)
        return system_fault("cannot sync " + staged(input_file));
    synced_ = copied_;
    return {};
}

// A copy of a file that was being written is a mixture that nobody meant. From here on the dropped
// file may change as it likes.
result<void> taking::check_source_unchanged()
{
    struct stat about = {};
    if (::fstat(dropped_.get(), &about) != 0)
        return blame_source(system_fault("cannot look at " + claim_path()));
    const bool same = static_cast<std::uint64_t>(about.st_size) == dropped_size_ &&
                      copied_ == dropped_size_ && modified_ns(about) == dropped_modified_ns_;
    if (!same) {
        return blame_source(fault{
            claim_path() +
            " was changed while it was copied: it is copied again when it lies still"});
    }
    dropped_ = unique_fd{};
    return {};
}

// What the copy is, now that it is whole.
void taking::recognise()
{
    manifest_.id = source_.id;
    manifest_.file = presentable(original_name_, {}, 255);
    manifest_.size = copied_;
    manifest_.sha256 = hash_.hex();

    const auto format = format_of_dropped(original_name_);
    if (!format) {
        reject(
            "the ending of the file's name tells no format: rename it to .txt, .list, .csv, .json, "
            ".jsonl or .ndjson"
        );
        return;
    }
    format_ = manifest_.format = *format;
    start_options_pass();
}

}  // namespace reaper
