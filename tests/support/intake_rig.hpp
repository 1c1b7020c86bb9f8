#pragma once
// A spool of its own with an intake on it, under a clock that the test moves.

#include "reaper/app/intake.hpp"
#include "reaper/base/text.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/spool_state.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper::test {

// Tokens of the fixed shape, all different.
inline std::string token_number(unsigned number)
{
    return fmt::format("{:032x}", number);
}

inline std::string token_lines(unsigned count, unsigned first = 1)
{
    std::string text;
    for (unsigned i = 0; i < count; ++i)
        text += token_number(first + i) + "\n";
    return text;
}

inline std::vector<std::string> names_in(const std::string& directory)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

struct told_events : intake_events
{
    struct taken_job
    {
        job_manifest manifest;
        job_state state;
    };

    std::vector<taken_job> taken;
    std::vector<rejection> rejected;

    void job_taken(const job_manifest& manifest, const job_state& state) override
    {
        taken.push_back({manifest, state});
    }

    void file_rejected(const rejection& why) override { rejected.push_back(why); }
};

// Thousands of syncs are a matter of minutes on a disk and of nothing in memory, where they mean as
// much to a test that cuts no power.
struct in_memory
{
    in_memory()
    {
        if (::access("/dev/shm", W_OK) == 0)
            ::setenv("TMPDIR", "/dev/shm", 1);
    }
};

class intake_rig
{
public:
    intake_rig()
    {
        config.default_account = "prod";
        for (const char* name : {"prod", "staging"}) {
            auto& account = config.accounts[name];
            account.name = name;
            account.endpoint.url = "https://api.example.com";
        }
        auto opened = open_spool_at(root / "spool", {"prod", "staging"}, "1 here");
        if (!opened)
            throw std::runtime_error(opened.error().sentence);
        spool.emplace(std::move(*opened));
        start();
    }

    [[nodiscard]] const spool_paths& paths() const { return spool->paths; }

    // A new process: what the old one knew is forgotten, its half-done work is left as it is.
    void start(bool only_first_scan = false)
    {
        it = std::make_unique<intake>(
            paths(), config, events, intake::mode{.only_first_scan = only_first_scan, .seed = 1}
        );
        ASSERT_TRUE(it->clean_up());
    }

    // Written in place, as a copying program would.
    std::string drop(
        const std::string& name, std::string_view bytes, const std::string& account = ""
    )
    {
        const auto path = paths().folder_of(account) + "/" + name;
        put_content(path, bytes);
        return path;
    }

    // Renamed in, and seen as such.
    void rename_in(const std::string& name, std::string_view bytes, const std::string& account = "")
    {
        put_content(root / "outside", bytes);
        std::filesystem::rename(root / "outside", paths().folder_of(account) + "/" + name);
        it->hint({watch_event::what::renamed_in, account, name});
    }

    // Everything that can be done without waiting. The bound keeps a test that would not end from
    // hanging.
    void run_now()
    {
        for (int i = 0; it->step(now); ++i)
            ASSERT_LT(i, 2'000'000) << "the intake does not come to rest";
    }

    void pass(duration time)
    {
        now.mono += time;
        now.wall += std::chrono::duration_cast<std::chrono::milliseconds>(time);
    }

    // Until nothing more is due within `time`.
    void run_for(duration time)
    {
        const auto end = now.mono + time;
        run_now();
        while (it->next_look() <= end) {
            pass(std::max(it->next_look() - now.mono, duration{1'000'000}));
            run_now();
        }
        if (now.mono < end)
            pass(end - now.mono);
    }

    void settle() { run_for(std::chrono::seconds(3)); }

    [[nodiscard]] std::string why(std::string_view path_ending) const
    {
        for (const auto& problem : it->problems()) {
            if (problem.path.ends_with(path_ending))
                return problem.why;
        }
        return {};
    }

    [[nodiscard]] std::vector<std::string> active() const { return names_in(paths().active); }

    [[nodiscard]] std::vector<std::string> rejected() const { return names_in(paths().rejected); }

    [[nodiscard]] std::string content(const std::string& id, std::string_view file) const
    {
        return content_of(paths().active_job(id) + "/" + std::string(file));
    }

    in_memory first;
    temp_dir root;
    settings config;
    std::optional<open_spool> spool;
    told_events events;
    std::unique_ptr<intake> it;
    instant now{mono_time{std::chrono::hours(1)}, *parse_rfc3339("2026-11-22T20:30:15Z")};
};

}  // namespace reaper::test
