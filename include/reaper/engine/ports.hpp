#pragma once
// What the engine asks of the world. The shell implements it with sockets and files, a simulation
// with models of them. No call here calls back into the engine: what ends later is reported as an
// event (engine.hpp), after the engine has returned.

#include "reaper/base/result.hpp"
#include "reaper/model/job_state.hpp"
#include "reaper/model/summary.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reaper {

// One connection, for the engine's whole life: never used again after it was closed.
using link_id = std::uint64_t;

enum class notice_level : std::uint8_t
{
    info,
    warning,
    error,
};

// Something that a person may want to read in the log.
struct notice
{
    notice_level level = notice_level::info;
    std::string text;
    std::string job;      // id, or empty
    std::string account;  // name, or empty
};

class ports
{
public:
    virtual ~ports() = default;

    // --- connections
    // Resolves, connects, verifies. Ends as connected() or connect_failed().
    virtual void open_link(link_id link, const std::string& account) = 0;
    // Adds the request for a token to what flush() will write. Only between connected()/written()
    // and flush(): nothing is ever queued behind a write, so that a 429 finds nothing to call back.
    virtual void send(link_id link, std::string_view token) = 0;
    // Writes what was sent. Ends as written(), or closed().
    virtual void flush(link_id link) = 0;
    // Nothing is heard of the link afterwards.
    virtual void close_link(link_id link) = 0;

    // --- files of a job
    // Reads the owned copy; 0 bytes at its end.
    virtual result<std::size_t> read_input(
        const std::string& job, std::uint64_t offset, std::span<char> into
    ) = 0;
    // Makes sure that results.jsonl can grow up to this offset (SPEC P5).
    virtual result<void> reserve(const std::string& job, std::uint64_t upto) = 0;
    // Writes into the page cache. Not durable before a sync.
    virtual result<void> write_results(
        const std::string& job, std::uint64_t offset, std::string_view bytes
    ) = 0;
    // Ends as results_synced().
    virtual void sync_results(const std::string& job) = 0;
    // Makes a mark durable. Ends as mark_written().
    virtual void write_mark(const std::string& job, const send_mark& mark) = 0;
    // Durable when it returns without a fault.
    virtual result<void> store_state(const std::string& job, const job_state& state) = 0;
    // Notes durably that this job's input has been sent from: the guard against the same file
    // twice.
    virtual result<void> note_first_send(const std::string& job) = 0;
    // Moves the job to done/, with its summary and what remains. Ends as finished().
    virtual void finish(const std::string& job, const job_summary& summary) = 0;

    // --- limits and routes
    // Takes the limit for this process. A fault if it cannot be had yet, and limit_acquired()
    // follows when it can: its error_number is EWOULDBLOCK if another process has it.
    virtual result<void> claim_limit(const std::string& limit) = 0;
    // What is stored of a limit; nullopt if it was never in use.
    virtual std::optional<limit_state> load_limit(const std::string& limit) = 0;
    // Durable when it returns without a fault.
    virtual result<void> store_limit(const limit_state& state) = 0;
    // The same, soon and without waiting for the disk. Nothing is heard of it: a crash may leave
    // what was stored before. Never takes the place of what is stored after it.
    virtual void note_limit(const limit_state& state) = 0;
    // Lets another process have the limit; limit_acquired() follows when it is ours again.
    virtual void yield_limit(const std::string& limit) = 0;
    // Remembers that the account's route (key, kind, endpoint) is proven.
    virtual result<void> store_proof(const std::string& account) = 0;

    // --- words
    // Text from the API, made fit for a record: redacted of every key, escaped, cut (SPEC P6).
    virtual std::string presentable(std::string_view text) = 0;
    virtual void report(const notice& what) = 0;
};

}  // namespace reaper
