#include "reaper/engine/recovered_job.hpp"

namespace reaper {

bool was_sent(const result_record& record)
{
    switch (record.result) {
        case outcome::deleted:
        case outcome::already_gone:
        case outcome::not_found:
        case outcome::unknown:
            return true;
        case outcome::refused:
            return record.status != 0;  // 0: refused by allow or deny
        case outcome::expired:
        case outcome::cancelled:
        case outcome::invalid:
        case outcome::duplicate:
        case outcome::would_delete:
            return false;
    }
    return false;
}

void recovered_job::take(const result_record& record, std::size_t recent_max)
{
    if (damage)
        return;
    if (record.n == 0 || record.n > manifest.total) {
        damage = fault{
            "results.jsonl has a record for token " + std::to_string(record.n) + " of " +
            std::to_string(manifest.total)};
        return;
    }
    if (!settled.set(record.n)) {
        damage = fault{"results.jsonl has two records for token " + std::to_string(record.n)};
        return;
    }
    ++counts[record.result];
    if (!was_sent(record))
        return;
    if (record.milliseconds >= 0)
        latency.add(record.milliseconds);
    // What `release` has seen counts no more.
    if (settled.count() > state.breaker_from) {
        misuse_in_row = record.status == 403 ? misuse_in_row + 1 : 0;
        recent.push_back(record.result);
        if (recent.size() > recent_max)
            recent.pop_front();
    }
}

}  // namespace reaper
