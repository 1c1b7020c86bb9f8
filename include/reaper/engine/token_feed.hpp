#pragma once
// The tokens of a job, read again from its owned copy as they are needed: nothing of a job's text
// is kept in memory but the chunk that is being read (SPEC P7).

#include "reaper/base/result.hpp"
#include "reaper/core/bitset.hpp"
#include "reaper/core/job_reader.hpp"
#include "reaper/engine/ports.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reaper {

class token_feed
{
public:
    // `manifest` must outlive the feed.
    explicit token_feed(const job_manifest& manifest) : manifest_(manifest) {}

    enum class step : std::uint8_t
    {
        item,   // one token line
        again,  // the budget of one slice is used up: ask again
        end,    // no more
        fault,  // could not read: failure() says why; may be asked again later
    };

    // The next line that is not in `settled`. Looks at no more than a bounded number of lines.
    [[nodiscard]] step next(ports& world, const ordinal_set& settled);

    [[nodiscard]] const job_item& item() const { return item_; }

    [[nodiscard]] const fault& failure() const { return failure_; }

    // True if the failure is one of the content: it will not go away.
    [[nodiscard]] bool is_damaged() const { return damaged_; }

    // Lines up to this ordinal have been handed out or were settled.
    [[nodiscard]] std::uint64_t position() const { return position_; }

private:
    [[nodiscard]] step refill(ports& world);
    void close();

    const job_manifest& manifest_;
    std::optional<job_reader> reader_;  // made at the first use: a waiting job costs nothing
    std::vector<char> chunk_;
    std::uint64_t offset_ = 0;
    std::uint64_t position_ = 0;
    bool finished_ = false;
    bool ended_ = false;
    bool damaged_ = false;
    job_item item_;
    fault failure_;
};

}  // namespace reaper
