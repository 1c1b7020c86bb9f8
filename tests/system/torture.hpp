#pragma once
// A daemon with one injected fault, followed to the end of its job: through the fault, its mend, a
// restart where the daemon stopped with a reason, and the clean stop.

#include "rig.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace reaper::test {

// Which calls of the daemon fail; the words of tests/support/interpose/call_orders.hpp.
struct injected_fault
{
    std::string kind;
    unsigned long at = 1;
    unsigned long times = 1;  // 0: for good
    int error_number = EIO;
    std::string named{};  // only where the path holds this text
};

inline std::string describe(const injected_fault& fault)
{
    std::ostringstream words;
    words << fault.kind << " number " << fault.at
          << (fault.named.empty() ? "" : " on " + fault.named)
          << (fault.times == 0   ? " and all that follow"
              : fault.times == 1 ? ""
                                 : " and " + std::to_string(fault.times - 1) + " more")
          << (fault.error_number == 0 ? " fall short"
                                      : std::string(" fail: ") + std::strerror(fault.error_number));
    return words.str();
}

// Loads the interposed library; under a sanitizer behind its runtime, which insists on being first.
inline std::vector<std::string> interposed(std::vector<std::string> variables)
{
    const std::string runtime = SANITIZER_RUNTIME;
    variables.push_back("LD_PRELOAD=" + runtime + (runtime.empty() ? "" : ":") + INTERPOSE_LIBRARY);
    return variables;
}

inline std::vector<std::string> variables_for(const rig& r, const injected_fault& fault)
{
    return interposed({
        "FAIL_CALL_BELOW=" + r.spool(),
        "FAIL_CALL_KIND=" + fault.kind,
        "FAIL_CALL_AT=" + std::to_string(fault.at),
        "FAIL_CALL_TIMES=" + std::to_string(fault.times),
        "FAIL_CALL_ERRNO=" + std::to_string(fault.error_number),
        "FAIL_CALL_NAMED=" + fault.named,
        "FAIL_CALL_MENDED=" + r.path("mended"),
        "FAIL_CALL_HIT=" + r.path("hit"),
    });
}

inline bool is_there(const std::string& path)
{
    return std::filesystem::exists(path);
}

class patient
{
public:
    using clock = std::chrono::steady_clock;

    patient(const rig& shared, injected_fault fault, std::uint64_t family, std::uint64_t tokens)
        : fault_(std::move(fault)), family_(family), tokens_(tokens)
    {
        r_.share_sandbox(shared);
        r_.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
        r_.drop("job.txt", token_lines(tokens_, family_));
        r_.start_daemon(variables_for(r_, fault_));
    }

    [[nodiscard]] const rig& at() const { return r_; }

    [[nodiscard]] std::string name() const
    {
        return describe(fault_) + " (" + said(r_.path("hit")) + "), tokens of family " +
               std::to_string(family_);
    }

    [[nodiscard]] bool was_hit() const { return is_there(r_.path("hit")); }

    [[nodiscard]] bool stopped_by_itself() const { return stopped_by_itself_; }

    // Looks once; true when it is over.
    bool step()
    {
        if (over_)
            return true;
        if (clock::now() > deadline_) {
            ADD_FAILURE() << name() << ": the job does not end\n" << r_.log() << shown_status();
            over_ = true;
        } else if (const auto status = r_.daemon().wait_for(std::chrono::milliseconds(0))) {
            ended(*status);
        } else {
            go_on();
        }
        return over_;
    }

private:
    static constexpr auto patience = std::chrono::seconds(40);
    // How long a fault that stays is watched before it is mended: longer than the daemon's own
    // pause.
    static constexpr auto watched_for = std::chrono::milliseconds(1300);
    static constexpr auto says_within = std::chrono::seconds(20);

    // Still running.
    void go_on()
    {
        if (fault_.times != 1 && was_hit() && !mend_at_)
            mend_at_ = clock::now() + watched_for;
        if (mend_at_ && clock::now() >= *mend_at_ && !is_there(r_.path("mended")))
            mend();
        if (!stopping_ && !r_.jobs("done", "job").empty() && says(fresh_ ? "job is done" : "ready"))
            stop();
    }

    // Who does not go on says why before it is mended, in the log or in the status.
    void mend()
    {
        const bool goes_on = stopping_ || !fresh_ || !r_.jobs("done", "job").empty();
        const bool has_had_time = clock::now() >= *mend_at_ + says_within;
        if (!goes_on && !says_why() && !has_had_time)
            return;
        EXPECT_TRUE(goes_on || says_why()) << name() << "\n" << r_.log() << shown_status();
        put_content(r_.path("mended"), "");
    }

    void stop()
    {
        stopping_ = true;
        r_.daemon().signal(SIGTERM);
    }

    void ended(int status)
    {
        if (stopping_) {
            EXPECT_EQ(status, 0) << name() << "\n" << r_.log();
            over_ = true;
            return;
        }
        // By itself: with a reason, and never by a signal.
        stopped_by_itself_ = true;
        EXPECT_TRUE(status == 75 || status == 78) << name() << ": " << status << "\n" << r_.log();
        EXPECT_FALSE(r_.log().empty()) << name();
        if (!fresh_) {
            ADD_FAILURE() << name() << ": stopped again without a fault\n" << r_.log();
            over_ = true;
            return;
        }
        fresh_ = false;
        log_before_ = r_.log().size();
        r_.start_daemon();
    }

    // Since its last start.
    [[nodiscard]] bool says(const std::string& words) const
    {
        return r_.log().find(words, log_before_) != std::string::npos;
    }

    [[nodiscard]] bool says_why() const
    {
        const std::string reason = std::strerror(fault_.error_number);
        return says(reason) || shown_status().find(reason) != std::string::npos;
    }

    [[nodiscard]] std::string shown_status() const
    {
        return said(r_.spool() + "/state/status.json");
    }

    static std::string said(const std::string& file)
    {
        return is_there(file) ? content_of(file) : std::string();
    }

    rig r_;
    injected_fault fault_;
    std::uint64_t family_;
    std::uint64_t tokens_;
    clock::time_point deadline_ = clock::now() + patience;
    std::optional<clock::time_point> mend_at_;
    bool stopping_ = false;
    std::size_t log_before_ = 0;
    bool fresh_ = true;  // the daemon that meets the fault still runs
    bool stopped_by_itself_ = false;
    bool over_ = false;
};

}  // namespace reaper::test
