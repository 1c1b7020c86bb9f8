// kill -9 at any moment, again and again, in many spools side by side, while the network fails:
// every token has exactly one record, none is lost, none is `deleted` that the sandbox did not
// delete, none is `not_found` that the job itself deleted.

#include "rig.hpp"

#include <iostream>
#include <random>

namespace {

using namespace reaper::test;
using std::chrono::milliseconds;

#ifdef REAPER_SANITIZED
constexpr int spools = 4;
constexpr int kills_wanted = 16;
#else
constexpr int spools = 24;
constexpr int kills_wanted = 216;
#endif
constexpr std::uint64_t tokens = 800;
constexpr std::uint64_t tokens_of_small = 20;

// TORTURE_KILLS and TORTURE_SEED: the long mode, and a run again.
std::uint64_t asked_for(const char* variable, std::uint64_t otherwise)
{
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What goes on when the daemon is killed.
enum class moment
{
    start,    // recovery, taking in what lies there
    sending,  // after its first request
    drain,    // after SIGTERM
    reload,   // after SIGHUP
    intake,   // after another file was dropped: taking it in, and ending it
    count,
};

// One spool under torture.
class victim
{
public:
    victim(const rig& shared, std::uint64_t family, int kills, unsigned seed)
        : random_(seed), family_(family), kills_left_(kills)
    {
        r.share_sandbox(shared);
        r.configure("    pace: 150/s\n    timeout: 2s\n", "retry: {base: 50ms, cap: 500ms}\n");
        r.drop("tortured.txt", token_lines(tokens, family_ << 8U));
    }

    // Does what is due; true when it has been killed often enough and all jobs have ended.
    bool step()
    {
        const auto now = std::chrono::steady_clock::now();
        if (!running_) {
            begin(now);
        } else if (kills_left_ > 0) {
            if (now >= act_at_)
                act(now);
            if (now >= kill_at_)
                kill();
        } else {
            return r.jobs("active").empty() && r.jobs("done").size() == small_ + 1;
        }
        return false;
    }

    [[nodiscard]] int kills() const { return kills_; }

    [[nodiscard]] std::string left() const
    {
        return std::to_string(r.jobs("active").size()) + " active, " +
               std::to_string(r.jobs("done").size()) + " of " + std::to_string(small_ + 1) +
               " done\n" + r.log();
    }

    rig r;

private:
    using time = std::chrono::steady_clock::time_point;
    static constexpr time never = time::max();

    milliseconds up_to(int most)
    {
        return milliseconds(std::uniform_int_distribution<int>(0, most)(random_));
    }

    void begin(time now)
    {
        r.start_daemon();
        running_ = true;
        next_ = static_cast<moment>(
            std::uniform_int_distribution<int>(0, static_cast<int>(moment::count) - 1)(random_)
        );
        act_at_ = kill_at_ = never;
        if (next_ == moment::start)
            kill_at_ = now + up_to(400);
        else if (next_ == moment::sending)
            kill_at_ = now + milliseconds(5100) + up_to(1500);  // a limit is shut after a crash
        else
            act_at_ = now + milliseconds(60) + up_to(2000);
    }

    void act(time now)
    {
        act_at_ = never;
        switch (next_) {
            case moment::drain:
                r.daemon().signal(SIGTERM);
                kill_at_ = now + up_to(60);
                return;
            case moment::reload:
                r.daemon().signal(SIGHUP);
                kill_at_ = now + up_to(40);
                return;
            default:
                ++small_;
                r.drop(
                    "small" + std::to_string(small_) + ".txt",
                    token_lines(tokens_of_small, (family_ << 8U) + small_)
                );
                // Half of them while it is taken in, the others up to its end.
                kill_at_ = now + up_to(small_ % 2 == 0 ? 40 : 6500);
        }
    }

    void kill()
    {
        r.kill_daemon();
        running_ = false;
        ++kills_;
        --kills_left_;
    }

    std::mt19937 random_;
    std::uint64_t family_;
    int kills_left_;
    int kills_ = 0;
    std::size_t small_ = 0;
    bool running_ = false;
    moment next_ = moment::start;
    time act_at_ = never;
    time kill_at_ = never;
};

// Faults of the network, and a server that closes now and then. No 429: the spools share a key, not
// a gate.
std::vector<std::string> bad_network(unsigned seed)
{
    std::vector<std::string> options = {"--latency", "2ms", "--seed", std::to_string(seed)};
    for (const char* fault : {"reset:0.002", "reset-after:0.002", "truncate:0.002", "stall:0.0002"})
        options.insert(options.end(), {"--fault", fault});
    for (const char* fault : {"500:0.01", "500-after:0.002", "close-delimited:0.001"})
        options.insert(options.end(), {"--fault", fault});
    options.insert(options.end(), {"--max-requests-per-connection", "100"});
    return options;
}

// Whether all jobs of one victim ended well; their folders go to the audit.
void expect_well(victim& v, std::vector<std::string>& folders)
{
    v.r.stop_daemon();
    for (const std::string& id : v.r.jobs("done")) {
        const std::string job = v.r.spool() + "/done/" + id;
        EXPECT_EQ(rig::outcome_of(job, "not_found"), 0U) << job;
        folders.insert(folders.end(), {"--job", job});
    }
}

TEST(Crashes, KilledAtAnyMomentEveryTokenStillHasExactlyOneRecord)
{
    const auto seed = static_cast<unsigned>(asked_for("TORTURE_SEED", std::random_device()()));
    const int wanted = static_cast<int>(asked_for("TORTURE_KILLS", kills_wanted));
    SCOPED_TRACE("run again with TORTURE_SEED=" + std::to_string(seed));
    rig shared;
    shared.start_sandbox(bad_network(seed));
    std::vector<std::unique_ptr<victim>> victims;
    for (int i = 0; i < spools; ++i)
        victims.push_back(std::make_unique<victim>(
            shared,
            static_cast<std::uint64_t>(i),
            (wanted + spools - 1) / spools,
            seed + static_cast<unsigned>(i)
        ));
    const auto all_done = [&] {
        bool done = true;
        for (auto& v : victims)
            done = v->step() && done;
        return done;
    };
    const auto patience = std::chrono::seconds(80 + wanted / spools * 4);
    EXPECT_TRUE(wait_until(all_done, patience));
    int kills = 0;
    std::vector<std::string> words = {AUDIT_BINARY, "--crashed", "--ledger", shared.path("ledger")};
    for (auto& v : victims) {
        kills += v->kills();
        EXPECT_TRUE(v->step()) << v->left();
        expect_well(*v, words);
    }
    shared.stop_sandbox();
    process audit(words, shared.path("audit"));
    EXPECT_EQ(audit.wait(), 0) << audit.output() << audit.errors();
    EXPECT_GE(kills, wanted);
    std::cout << "    " << kills << " kills in " << spools << " spools\n" << audit.output();
    RecordProperty("kills", kills);
}

}  // namespace
