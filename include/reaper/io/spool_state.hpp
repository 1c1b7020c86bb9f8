#pragma once
// What lies under state/ beside the status (docs/journal.md): the salt, the limits, the proven
// routes, and which inputs have been sent from.

#include "reaper/base/result.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/job_state.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reaper {

// What the monotonic clock is counted within. Empty where the kernel does not say: then nothing
// that was written before a start is taken to be of the same boot.
[[nodiscard]] std::string read_boot_id();

// The spool's 32 random bytes, made at the first start. A file of another size is a fault: a new
// salt would forget every limit's gate.
[[nodiscard]] result<std::string> load_salt(const spool_paths& spool);

// Limit ids are `shared-<name>` and `key-<16 hex>`; both are safe as file names.
[[nodiscard]] std::string limit_path(const spool_paths& spool, std::string_view limit_id);
[[nodiscard]] std::string limit_lock_path(const spool_paths& spool, std::string_view limit_id);

[[nodiscard]] std::string render_limit(const limit_state& limit);
[[nodiscard]] result<limit_state> parse_limit(std::string_view text);

// nullopt if the limit has never been used. A file that cannot be understood is a fault: the caller
// treats it as one that no clean stop wrote.
[[nodiscard]] result<std::optional<limit_state>> read_limit(
    const spool_paths& spool, std::string_view limit_id
);
[[nodiscard]] result<void> write_limit(const spool_paths& spool, const limit_state& limit);
// In pieces (file_ops.hpp), for limit_files.
[[nodiscard]] result<unique_fd> draft_limit(const spool_paths& spool, const limit_state& limit);
[[nodiscard]] result<void> publish_limit(const spool_paths& spool, std::string_view limit_id);

// A route is the 16 hexadecimal digits of the keyed hash of key, kind and endpoint.
[[nodiscard]] bool is_route_proven(const spool_paths& spool, std::string_view route);
[[nodiscard]] result<void> write_proof(const spool_paths& spool, std::string_view route);

// The first job with this input that sent something, or empty.
[[nodiscard]] result<std::string> sent_by(const spool_paths& spool, std::string_view sha256);
// Durable when it returns. The first job stays the one that is named.
[[nodiscard]] result<void> note_sent(
    const spool_paths& spool, std::string_view sha256, std::string_view job_id
);

}  // namespace reaper
