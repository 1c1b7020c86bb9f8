#pragma once
// The ledger: one JSON line per request that the server received, so that any run can be audited
// against the results log (docs/sandbox.md has the form). Keys never stand in it.

#include "sandbox/options.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

enum class route_kind : std::uint8_t
{
    none,    // no route of the API, or not with this API key
    remove,  // POST .../delete/{token}
    list,
    view,
};

[[nodiscard]] std::string_view to_string(route_kind route);

struct ledger_entry
{
    mono_time received{};  // when the request was read
    mono_time answered{};  // just before the answer's last byte was written; 0 if it never was
    std::uint64_t connection = 0;  // from 1
    std::uint64_t request = 0;     // on the connection, from 1
    route_kind route = route_kind::none;
    std::string_view kind{};   // of static storage: "campaigns", "in-app-campaigns" or empty
    std::string token{};       // empty if the request named none
    int status = 0;            // of the answer; 0 if there was none
    bool executed = false;     // a campaign was deleted
    std::string_view fault{};  // of static storage; empty if nothing was done to the request

    [[nodiscard]] bool was_answered() const { return answered != mono_time{}; }
};

// Appends the line of an entry, line end included.
void append_ledger_line(std::string& out, const ledger_entry& entry);

class ledger
{
public:
    // Appends to `file` unless its name is empty; keeps entries for snapshot() if `in_memory`.
    // Throws std::system_error if the file cannot be opened.
    ledger(const std::string& file, bool in_memory);
    ~ledger();
    ledger(const ledger&) = delete;
    ledger& operator=(const ledger&) = delete;

    [[nodiscard]] bool is_wanted() const { return descriptor_ >= 0 || in_memory_; }

    void record(const ledger_entry& entry);

    // Writes what is buffered. Throws std::system_error: an audit of half a ledger proves nothing.
    void flush();

    // The next two may be called from any thread.
    [[nodiscard]] std::vector<ledger_entry> snapshot() const;
    // True once `count` entries were recorded; false if they were not in time.
    [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds patience) const;

private:
    int descriptor_ = -1;
    bool in_memory_;
    std::string buffer_;
    mutable std::mutex mutex_;  // guards entries_
    mutable std::condition_variable grown_;
    std::vector<ledger_entry> entries_;
};

}  // namespace sandbox
