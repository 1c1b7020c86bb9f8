#pragma once
// A spool in a directory of its own, a console with captured streams and a clock that only moves
// when a command sleeps, and what a daemon would write.

#include "reaper/app/status_file.hpp"
#include "reaper/cli/console.hpp"
#include "reaper/core/journal_codec.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/model/status.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

inline const wall_time cli_start = *parse_rfc3339("2026-11-22T20:30:15Z");

inline const std::string old_id = "20261122T203015Z-old.txt-0001";
inline const std::string new_id = "20261122T203016Z-new.txt-0002";

struct cli_spool
{
    cli_spool() : paths(root.path())
    {
        namespace fs = std::filesystem;
        for (const auto& directory :
             {paths.incoming, paths.control, paths.active, paths.done, paths.rejected, paths.state})
            fs::create_directories(directory);
        io.now = [this] { return now; };
        io.sleep = [this](duration length) {
            now.mono += length;
            now.wall += std::chrono::duration_cast<wall_time::duration>(length);
            if (++sleeps > sleeps_max)
                throw std::runtime_error("the command sleeps for ever");
            if (on_sleep)
                on_sleep();
        };
        io.user = "ada";
        io.boot_id = "boot-1";
        status.version = "0.1.0";
        status.state = "running";
        status.pid = 4711;
        status.boot_id = "boot-1";
    }

    // A daemon holds the lock and has just written its status.
    void start_daemon()
    {
        lock = unique_fd(::open((paths.state + "/lock").c_str(), O_RDWR | O_CREAT, 0600));
        struct flock whole = {};
        whole.l_type = F_WRLCK;
        ASSERT_EQ(::fcntl(lock.get(), F_OFD_SETLK, &whole), 0);
        write_status();
    }

    void stop_daemon() { lock = unique_fd(); }

    void write_status()
    {
        status.written_at = now.wall;
        status.heartbeat = now.mono;
        put_content(paths.state + "/status.json", render_status(status));
    }

    // A job in active/, with its files.
    job_manifest add_active(const std::string& id, std::uint64_t total)
    {
        job_manifest manifest;
        manifest.id = id;
        manifest.file = "old.txt";
        manifest.account = "prod";
        manifest.total = total;
        manifest.submitted_at = now.wall;
        const std::string directory = paths.active_job(id);
        std::filesystem::create_directory(directory);
        put_content(directory + "/job.json", render_manifest(manifest));
        put_content(directory + "/state.json", render_job_state({}));
        put_content(directory + "/results.jsonl", "");
        return manifest;
    }

    job_view& add_view(const std::string& id, std::uint64_t total)
    {
        job_view view;
        view.id = id;
        view.file = "old.txt";
        view.account = "prod";
        view.state = "sending";
        view.total = total;
        view.submitted_at = now.wall;
        return status.jobs.emplace_back(view);
    }

    void add_done(const std::string& id, const outcome_counts& outcomes)
    {
        job_summary summary;
        summary.job = id;
        summary.file = "old.txt";
        summary.account = "prod";
        summary.submitted_at = now.wall;
        summary.finished_at = now.wall;
        summary.outcomes = outcomes;
        summary.total = outcomes.total();
        std::filesystem::create_directory(paths.done_job(id));
        put_content(paths.done_job(id) + "/summary.json", render_summary(summary));
    }

    void add_rejected(const std::string& id, const std::string& reason)
    {
        rejection why;
        why.id = id;
        why.file = "old.txt";
        why.reason = reason;
        why.at = now.wall;
        std::filesystem::create_directory(paths.rejected_job(id));
        put_content(paths.rejected_job(id) + "/reason.json", render_rejection(why));
    }

    static result_record record(std::uint64_t n, outcome o, const std::string& token)
    {
        result_record made;
        made.ts = cli_start;
        made.n = n;
        made.line = n;
        made.token = token;
        made.result = o;
        return made;
    }

    // Names in a directory, sorted, hidden ones too.
    static std::vector<std::string> names_in(const std::string& directory)
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(directory))
            names.push_back(entry.path().filename());
        std::sort(names.begin(), names.end());
        return names;
    }

    std::string said() const { return err.str(); }

    std::string printed() const { return out.str(); }

    temp_dir root;
    spool_paths paths;
    instant now{mono_time(std::chrono::hours(5)), cli_start};
    std::ostringstream out;
    std::ostringstream err;
    console io{.out = out, .err = err};
    status_view status;
    unique_fd lock;
    std::function<void()> on_sleep;
    int sleeps = 0;
    int sleeps_max = 10'000;
};

inline bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace reaper::test
