#include "reaper/engine/token_feed.hpp"

#include <algorithm>

namespace reaper {

namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr unsigned lines_per_slice = 20'000;
// What reading a chunk counts for: it may hold nothing but comments.
constexpr unsigned lines_per_refill = 200;

}  // namespace

token_feed::step token_feed::next(ports& world, const ordinal_set& settled)
{
    if (ended_)
        return step::end;
    if (!reader_) {
        // No shape here: what is no token of the account was settled when the file was taken in,
        // and must not change its mind with the configuration.
        reader_.emplace(manifest_.format, nullptr);
        const auto wanted = std::min<std::uint64_t>(chunk_bytes, manifest_.size + 1);
        chunk_.resize(static_cast<std::size_t>(std::max<std::uint64_t>(wanted, 512)));
    }
    for (unsigned lines = 0; lines < lines_per_slice;) {
        const std::optional<job_item> read = reader_->next();
        if (read) {
            ++lines;
            position_ = read->n;
            if (settled.test(read->n))
                continue;
            item_ = *read;
            return step::item;
        }
        const step more = refill(world);
        if (more != step::again)
            return more;
        lines += lines_per_refill;
    }
    return step::again;
}

token_feed::step token_feed::refill(ports& world)
{
    if (reader_->failure()) {
        damaged_ = true;
        failure_ = *reader_->failure();
        return step::fault;
    }
    if (finished_) {
        close();
        return step::end;
    }
    const result<std::size_t> got = world.read_input(manifest_.id, offset_, chunk_);
    if (!got) {
        failure_ = got.error();
        return step::fault;
    }
    offset_ += *got;
    if (*got == 0) {
        finished_ = true;
        reader_->finish();
    } else {
        reader_->feed(std::string_view(chunk_.data(), *got));
    }
    return step::again;
}

void token_feed::close()
{
    ended_ = true;
    reader_.reset();
    chunk_ = {};
}

}  // namespace reaper
