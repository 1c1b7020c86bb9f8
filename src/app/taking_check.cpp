// Reading the copy: its options first, for they may name the account and so the shape of a token;
// then every line.

#include "reaper/app/taking.hpp"
#include "reaper/core/journal_codec.hpp"
#include "taking_pieces.hpp"

#include <random>
#include <utility>

namespace reaper {

result<void> taking::feed_reader()
{
    if (auto read = read_piece(input_.get(), offset_, piece_bytes, piece_); !read)
        return read;
    offset_ += piece_.size();
    if (piece_.empty())
        reader_->finish();
    else
        reader_->feed(piece_);
    return {};
}

void taking::start_options_pass()
{
    if (!source_.account.empty()) {
        choose_rule();  // the folder decides; what the file says is compared at the end
        return;
    }
    offset_ = 0;
    reader_.emplace(format_, nullptr);
    phase_ = phase::reading_options;
}

result<void> taking::read_options_piece()
{
    if (auto fed = feed_reader(); !fed)
        return fed;
    // In .json options may stand behind the tokens; elsewhere they are complete before the first.
    bool complete = false;
    while (reader_->next()) {
        complete = format_ != job_format::json;
        if (complete)
            break;
    }
    if (complete || reader_->failure() || reader_->at_end() || piece_.empty())
        choose_rule();
    return {};
}

void taking::choose_rule()
{
    // A file that failed in this pass fails in the next one again, and there it is reported.
    const job_options options = reader_ ? reader_->options() : job_options{};
    if (reader_ && reader_->failure()) {
        const auto line = reader_->failure_line();
        reject(
            reader_->failure()->sentence,
            line == 0 ? std::vector<std::uint64_t>{} : std::vector{line}
        );
        return;
    }
    const auto chosen = choose_account(*config_, source_.account, options);
    if (!chosen) {
        reject(chosen.error().sentence);
        return;
    }
    account_ = *chosen;
    manifest_.account = account_->name;
    manifest_.kind = account_->kind;
    manifest_.endpoint = account_->endpoint.url;

    offset_ = 0;
    census_ = {};
    rule_.emplace(account_->shape, account_->kind);
    reader_.emplace(format_, &*rule_);
    // Nobody can know the seed, and so choose tokens that make the set slow.
    seen_.emplace(std::random_device{}());
    phase_ = phase::checking;
}

result<void> taking::check_piece(instant now)
{
    // What is left will be as what was.
    if (offset_ > 0)
        seen_->expect(static_cast<std::uint64_t>(
            static_cast<double>(census_.total) * static_cast<double>(manifest_.size) /
            static_cast<double>(offset_)
        ));
    if (auto fed = feed_reader(); !fed)
        return fed;
    while (const auto item = reader_->next()) {
        if (auto noted = note_item(*item, now); !noted)
            return noted;
    }
    if (reader_->failure() || piece_.empty()) {
        seen_.reset();
        phase_ = phase::deciding;
    }
    return {};
}

result<void> taking::note_item(const job_item& item, instant now)
{
    constexpr std::size_t lines_named_max = 10;
    ++census_.total;
    if (item.valid && seen_->insert(item.token))
        return {};
    record_view record;
    if (item.valid) {
        ++census_.duplicates;
        record.result = outcome::duplicate;
        record.token = item.token;
    } else {
        ++census_.invalid;
        if (census_.invalid_lines.size() < lines_named_max)
            census_.invalid_lines.push_back(item.line);
        // Beyond the guard the file is rejected: there is nothing to record, only to count.
        if (census_.invalid > account_->guards.max_invalid)
            return {};
        record.result = outcome::invalid;
    }
    record.ts = now.wall;
    record.n = item.n;
    record.line = item.line;
    append_record(pending_records_, record);
    return pending_records_.size() < piece_bytes ? result<void>{} : flush_records();
}

result<void> taking::flush_records()
{
    auto written = write_piece(records_.get(), pending_records_, staged(results_file));
    pending_records_.clear();
    return written;
}

void taking::reject(std::string reason, std::vector<std::uint64_t> lines)
{
    rejection_.reason = std::move(reason);
    rejection_.lines = std::move(lines);
    phase_ = phase::deciding;
}

}  // namespace reaper
