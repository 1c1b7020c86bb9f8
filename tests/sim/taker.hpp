#pragma once
// A process on the modelled disk that takes dropped files in, with the real spool and intake.

#include "reaper/app/intake.hpp"
#include "reaper/io/spool.hpp"
#include "sim/disk_model.hpp"
#include "support/intake_rig.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace reaper::test {

inline const std::string root = "/sim/spool";
inline constexpr unsigned tokens = 40;

// Two lines are the same: the log begins with a record of its own.
inline std::string good_text()
{
    return token_lines(tokens) + token_number(1) + "\n";
}

// A process with a spool and an intake; it takes in what it finds.
class taker
{
public:
    taker()
    {
        config_.default_account = "prod";
        auto& account = config_.accounts["prod"];
        account.name = "prod";
        account.endpoint.url = "https://api.example.com";
        auto opened = open_spool_at(root, {"prod"}, "1 here");
        if (!opened)
            return;
        spool_.emplace(std::move(*opened));
        it_ = std::make_unique<intake>(spool_->paths, config_, events_, intake::mode{.seed = 1});
        started_ = it_->clean_up().has_value();
    }

    // By default long enough for every pause after trouble.
    void run(int seconds = 200)
    {
        for (int second = 0; started_ && second < seconds; ++second) {
            for (int i = 0; it_->step(now_); ++i)
                ASSERT_LT(i, 100'000) << "the intake does not come to rest";
            now_.mono += std::chrono::seconds(1);
            now_.wall += std::chrono::seconds(1);
        }
    }

    [[nodiscard]] bool started() const { return started_; }

private:
    settings config_;
    std::optional<open_spool> spool_;
    told_events events_;
    std::unique_ptr<intake> it_;
    bool started_ = false;
    instant now_{mono_time{std::chrono::hours(1)}, *parse_rfc3339("2026-11-22T20:30:15Z")};
};

inline void take_all()
{
    taker process;
    process.run(6);  // without trouble `settle` is all that there is to wait for
}

}  // namespace reaper::test
