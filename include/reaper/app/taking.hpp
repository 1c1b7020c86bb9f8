#pragma once
// One file on its way from incoming/ to active/ or rejected/ (SPEC 3, 4), in bounded pieces.
//
//     origin -> claim -> copy -> read options -> check -> decide -> sync -> publish -> remove claim
//
// Whatever happens in between, the file is in one place that the next start finds: under its own
// name, claimed, or published. Only the copy is hashed, checked and sent from: who dropped the file
// may still hold it open.

#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"
#include "reaper/core/admission.hpp"
#include "reaper/core/duplicates.hpp"
#include "reaper/core/job_reader.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/keyed_hash.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/settings.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// What is to be taken in: a file by its name, or one that is claimed already by its id.
struct taking_source
{
    std::string id;
    std::string account;  // whose folder; empty for incoming/ itself
    std::string name;     // empty if it is claimed: then the origin tells
    std::uint64_t size = 0;
    bool claimed = false;
};

enum class taking_status : std::uint8_t
{
    working,   // call step() again
    taken,     // published: manifest() and state() say what. Perhaps for the second time
    rejected,  // why_rejected() says why
    gone,      // there was nothing to take in: the file vanished, or was published before
    stuck,     // trouble() says why; nothing is lost, and the copy is removed. Try again later
};

class taking
{
public:
    taking(const spool_paths& spool, std::shared_ptr<const settings> config, taking_source source);

    // Does one bounded piece of work: about 256 KiB, or one sync.
    [[nodiscard]] taking_status step(instant now);

    // `claimed` in it is true as soon as the file does not lie under its own name any more.
    [[nodiscard]] const taking_source& source() const { return source_; }

    [[nodiscard]] const job_manifest& manifest() const { return manifest_; }

    [[nodiscard]] const job_state& state() const { return state_; }

    [[nodiscard]] const rejection& why_rejected() const { return rejection_; }

    [[nodiscard]] const fault& trouble() const { return trouble_; }

    // True if the dropped file is to blame, and other files are not concerned.
    [[nodiscard]] bool is_source_to_blame() const { return source_to_blame_; }

private:
    enum class phase : std::uint8_t
    {
        preparing,
        claiming,
        opening,
        copying,
        reading_options,
        checking,
        deciding,
        syncing_files,
        publishing,
        removing_claim,
        ended,
    };

    result<void> perform_in_memory(instant now);
    result<void> perform(instant now);
    result<void> prepare();
    result<void> load_or_write_origin();
    result<void> claim();
    result<void> open_files();
    result<void> copy_piece();
    result<void> note_copied(std::string_view bytes);
    result<void> check_source_unchanged();
    void recognise();
    void start_options_pass();
    result<void> read_options_piece();
    void choose_rule();
    result<void> check_piece(instant now);
    result<void> note_item(const job_item& item, instant now);
    result<void> flush_records();
    result<void> decide(instant now);
    result<void> write_rejection(instant now);
    result<void> write_unsynced(std::string_view file, std::string_view bytes);
    result<void> write_job(const admission& decided, instant now);
    result<void> sync_files();
    result<void> publish();
    result<void> adopt_published(job_place place);
    result<void> remove_claim();

    // Reads the next piece of the copy into the reader, or tells it that the file ends.
    result<void> feed_reader();
    void reject(std::string reason, std::vector<std::uint64_t> lines = {});
    fault blame_source(fault why);
    void abandon();

    [[nodiscard]] std::string folder() const { return spool_.folder_of(source_.account); }

    [[nodiscard]] std::string claim_path() const;
    [[nodiscard]] std::string staged(std::string_view file) const;

    const spool_paths& spool_;
    std::shared_ptr<const settings> config_;
    taking_source source_;
    phase phase_ = phase::preparing;
    taking_status outcome_ = taking_status::working;
    fault trouble_;
    bool source_to_blame_ = false;

    std::string original_name_;  // as dropped, any bytes
    job_format format_ = job_format::text;
    unique_fd dropped_;
    unique_fd input_;                  // the copy
    unique_fd records_;                // results.jsonl
    std::vector<unique_fd> unsynced_;  // what else is in the directory
    std::uint64_t dropped_size_ = 0;
    std::int64_t dropped_modified_ns_ = 0;
    std::uint64_t copied_ = 0;
    std::uint64_t synced_ = 0;
    sha256_stream hash_;

    std::string piece_;         // what is copied, or what the reader is reading
    std::uint64_t offset_ = 0;  // of the next piece in the copy
    std::optional<token_rule> rule_;
    std::optional<job_reader> reader_;
    std::optional<duplicate_finder> seen_;
    const account_settings* account_ = nullptr;  // in *config_
    job_census census_;
    std::string pending_records_;

    std::string published_;  // the directory that it became
    job_manifest manifest_;
    job_state state_;
    rejection rejection_;
};

}  // namespace reaper
