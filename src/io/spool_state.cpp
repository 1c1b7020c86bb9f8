#include "reaper/io/spool_state.hpp"

#include "json_members.hpp"
#include "reaper/io/file_ops.hpp"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace reaper {

namespace {

constexpr std::size_t salt_bytes = 32;
constexpr std::size_t limit_bytes_max = 64 * 1024;
constexpr mode_t private_mode = 0600;

// No machine runs for a century. An instant beyond 63 bits would be one in the past.
constexpr std::chrono::nanoseconds shut_until_max = std::chrono::hours(24) * 365 * 100;

}  // namespace

std::string read_boot_id()
{
    auto text = read_file_bounded("/proc/sys/kernel/random/boot_id", 256);
    if (!text)
        return {};
    return text->substr(0, text->find('\n'));
}

result<std::string> load_salt(const spool_paths& spool)
{
    const std::string path = spool.state + "/salt";
    auto salt = read_file_bounded(path, 4096);
    if (salt) {
        if (salt->size() == salt_bytes)
            return salt;
        return fault{
            path +
            " is damaged: restore it, or remove it (then the gate, the pace and the proofs of "
            "every limit are learnt again)"};
    }
    if (salt.error().error_number != ENOENT)
        return salt.error();

    std::string fresh(salt_bytes, '\0');
    if (::getrandom(fresh.data(), fresh.size(), 0) != static_cast<ssize_t>(fresh.size()))
        return system_fault("cannot get random bytes");
    if (auto written = write_file_atomically(path, fresh, private_mode); !written)
        return written.error();
    return fresh;
}

std::string limit_path(const spool_paths& spool, std::string_view limit_id)
{
    return spool.limits + "/" + std::string{limit_id} + ".json";
}

std::string limit_lock_path(const spool_paths& spool, std::string_view limit_id)
{
    return spool.limits + "/" + std::string{limit_id} + ".lock";
}

result<limit_state> parse_limit(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    limit_state limit;
    limit.id = in.text("id");
    limit.boot_id = in.text("boot_id");
    limit.clean = in.flag("clean");
    const std::uint64_t shut_until_ns = in.number("shut_until_ns");
    if (shut_until_ns > static_cast<std::uint64_t>(shut_until_max.count()))
        in.fail("shut_until_ns", "an instant of this machine's clock");
    else
        limit.shut_until = mono_time{std::chrono::nanoseconds{shut_until_ns}};
    if (in.has("pace_per_s")) {
        limit.pace_per_s = in.real("pace_per_s");
        limit.pace_at = in.time("pace_at");
        // Not in files of version 0.1.0 and before.
        if (in.has("burst_s"))
            limit.burst_s = in.real("burst_s");
        if (in.has("window_s"))
            limit.window_s = in.real("window_s");
    }
    if (in.failure())
        return *in.failure();
    return limit;
}

std::string render_limit(const limit_state& limit)
{
    // Before the machine started there was no gate to shut.
    const auto shut_until = std::max<std::int64_t>(
        0, std::chrono::nanoseconds{limit.shut_until.time_since_epoch()}.count()
    );
    members_writer out;
    out.text("id", limit.id);
    out.text("boot_id", limit.boot_id);
    out.flag("clean", limit.clean);
    out.number("shut_until_ns", static_cast<std::uint64_t>(shut_until));
    if (limit.pace_per_s) {
        out.real("pace_per_s", *limit.pace_per_s);
        out.time("pace_at", limit.pace_at);
        out.real("burst_s", limit.burst_s);
        out.real("window_s", limit.window_s);
    }
    return std::move(out).finish();
}

result<std::optional<limit_state>> read_limit(const spool_paths& spool, std::string_view limit_id)
{
    const auto path = limit_path(spool, limit_id);
    const auto text = read_file_bounded(path, limit_bytes_max);
    if (!text) {
        if (text.error().error_number == ENOENT)
            return std::optional<limit_state>{};
        return text.error();
    }
    auto limit = parse_limit(*text);
    if (!limit)
        return fault{path + ": " + limit.error().sentence};
    return std::optional{std::move(*limit)};
}

result<void> write_limit(const spool_paths& spool, const limit_state& limit)
{
    return write_file_atomically(limit_path(spool, limit.id), render_limit(limit), private_mode);
}

result<unique_fd> draft_limit(const spool_paths& spool, const limit_state& limit)
{
    return draft_file(limit_path(spool, limit.id), render_limit(limit), private_mode);
}

result<void> publish_limit(const spool_paths& spool, std::string_view limit_id)
{
    return publish_draft(limit_path(spool, limit_id));
}

bool is_route_proven(const spool_paths& spool, std::string_view route)
{
    struct stat about = {};
    return ::lstat((spool.proofs + "/" + std::string{route}).c_str(), &about) == 0;
}

result<void> write_proof(const spool_paths& spool, std::string_view route)
{
    if (is_route_proven(spool, route))
        return {};
    return write_file_atomically(spool.proofs + "/" + std::string{route}, "", private_mode);
}

result<std::string> sent_by(const spool_paths& spool, std::string_view sha256)
{
    auto id = read_file_bounded(spool.sent + "/" + std::string{sha256}, 4096);
    if (!id) {
        if (id.error().error_number == ENOENT)
            return std::string{};
        return id.error();
    }
    return id->substr(0, id->find('\n'));
}

result<void> note_sent(const spool_paths& spool, std::string_view sha256, std::string_view job_id)
{
    const auto known = sent_by(spool, sha256);
    if (!known)
        return known.error();
    if (!known->empty())
        return sync_directory(spool.sent);  // the last attempt may have failed just there
    return write_file_atomically(
        spool.sent + "/" + std::string{sha256}, std::string{job_id} + "\n", private_mode
    );
}

}  // namespace reaper
