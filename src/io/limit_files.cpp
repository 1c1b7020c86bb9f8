#include "reaper/io/limit_files.hpp"

#include "reaper/io/spool_state.hpp"

#include <memory>
#include <utility>

namespace reaper {

result<void> limit_files::store(const limit_state& state)
{
    ++writes_[state.id];
    return write_limit(spool_, state);
}

void limit_files::note(const limit_state& state, syncer& by)
{
    auto draft = draft_limit(spool_, state);
    if (!draft)
        return;
    const std::uint64_t number = ++writes_[state.id];
    auto file = std::make_shared<const unique_fd>(std::move(*draft));
    by.sync(std::move(file), [this, id = state.id, number](int failed) {
        if (failed == 0 && writes_[id] == number)
            static_cast<void>(publish_limit(spool_, id));
    });
}

}  // namespace reaper
