#pragma once
// The files of active jobs, as the engine's ports ask for them. Keeps a bounded number of results
// logs open; which ones is nobody's business.

#include "reaper/base/result.hpp"
#include "reaper/io/journal_file.hpp"
#include "reaper/io/mark_file.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/syncer.hpp"
#include "reaper/model/job_state.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reaper {

class job_store
{
public:
    // Where a file system cannot reserve space, sending stops below `free_floor` bytes (SPEC P5).
    job_store(const spool_paths& spool, std::uint64_t free_floor);

    void set_free_floor(std::uint64_t bytes) { free_floor_ = bytes; }

    [[nodiscard]] result<std::size_t> read_input(
        const std::string& job, std::uint64_t offset, std::span<char> into
    ) const;
    [[nodiscard]] result<void> reserve(const std::string& job, std::uint64_t upto);
    [[nodiscard]] result<void> write_results(
        const std::string& job, std::uint64_t offset, std::string_view bytes
    );
    // Both end by `then`, which the store must outlive: before the call returns, or later.
    using ended = std::function<void(const result<void>&)>;
    void sync_results(const std::string& job, syncer& by, ended then);
    void write_mark(const std::string& job, const send_mark& mark, syncer& by, ended then);
    [[nodiscard]] result<void> store_state(const std::string& job, const job_state& state) const;

    // Closes what is open of a job that ends.
    void forget(const std::string& job);

private:
    struct open_job
    {
        std::string id;
        std::optional<journal_file> results;
        std::optional<mark_file> mark;
    };

    [[nodiscard]] open_job& touch(const std::string& job);
    [[nodiscard]] result<journal_file*> results_of(const std::string& job);
    [[nodiscard]] result<mark_file*> mark_of(const std::string& job);

    const spool_paths& spool_;
    std::uint64_t free_floor_;
    std::list<open_job> open_;  // most recently used first
    std::unordered_map<std::string, std::list<open_job>::iterator> by_id_;
};

}  // namespace reaper
