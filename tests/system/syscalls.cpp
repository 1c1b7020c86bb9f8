// Every system call of a job on the spool fails, one by one, once and for good: results.jsonl stays
// valid, no outcome is lost, no token has two, and the daemon goes on or stops with a clear reason.

#include "torture.hpp"

#include <map>
#include <memory>

namespace {

using namespace reaper::test;

constexpr std::uint64_t tokens = 1000;

#ifdef REAPER_SANITIZED
constexpr std::size_t side_by_side = 6;
constexpr unsigned long tries_of_a_kind = 3;
#else
constexpr std::size_t side_by_side = 24;
constexpr unsigned long tries_of_a_kind = 10;
#endif

// TORTURE=all: every call; else some of each kind, spread over the whole run.
bool wants_all()
{
    const char* const asked = std::getenv("TORTURE");
    return asked != nullptr && std::string_view(asked) == "all";
}

// How often each call occurs from the start to a clean stop, with one job.
std::map<std::string, unsigned long> count_calls()
{
    rig r;
    r.start_sandbox();
    r.configure("", "intake: {settle: 200ms, rescan: 1s}\n");
    std::filesystem::create_directories(r.spool() + "/incoming");
    r.drop("job.txt", token_lines(tokens));
    r.start_daemon(
        interposed({"FAIL_CALL_BELOW=" + r.spool(), "FAIL_CALL_COUNTS=" + r.path("counts")})
    );
    EXPECT_FALSE(r.wait_done("job").empty());
    EXPECT_TRUE(wait_until(
        [&] { return r.log().find("job is done") != std::string::npos; }, std::chrono::seconds(10)
    ));
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    std::map<std::string, unsigned long> counts;
    std::ifstream lines(r.path("counts"));
    std::string kind;
    for (unsigned long count = 0; lines >> kind >> count;)
        counts[kind] = count;
    return counts;
}

// The numbers of the calls that are to fail: all, or some, among them the first and the last.
std::vector<unsigned long> chosen(unsigned long count)
{
    std::vector<unsigned long> numbers;
    const unsigned long tries = wants_all() ? count : std::min(count, tries_of_a_kind);
    for (unsigned long i = 0; i < tries; ++i)
        numbers.push_back(tries == 1 ? 1 : 1 + i * (count - 1) / (tries - 1));
    return numbers;
}

struct tally
{
    std::size_t tried = 0;
    std::size_t hit = 0;
    std::size_t stopped = 0;
};

// Lets all of them live through their faults, and compares what they recorded with the ledger.
tally live_through(const std::vector<injected_fault>& faults)
{
    rig shared;
    shared.start_sandbox();
    tally seen;
    std::vector<std::unique_ptr<patient>> patients;
    std::size_t done = 0;
    while (done < faults.size() && !testing::Test::HasFatalFailure()) {
        std::size_t running = 0;
        for (auto& each : patients)
            running += each->step() ? 0U : 1U;
        done = patients.size() - running;
        for (; running < side_by_side && patients.size() < faults.size(); ++running) {
            const auto family = patients.size() + 1;
            patients.push_back(std::make_unique<patient>(shared, faults[family - 1], family, tokens)
            );
        }
        ::poll(nullptr, 0, 10);
    }
    shared.stop_sandbox();
    std::vector<std::string> words = {AUDIT_BINARY, "--ledger", shared.path("ledger")};
    for (const auto& each : patients) {
        ++seen.tried;
        seen.hit += each->was_hit() ? 1U : 0U;
        seen.stopped += each->stopped_by_itself() ? 1U : 0U;
        const auto ids = each->at().jobs("done", "job");
        EXPECT_EQ(ids.size(), 1U) << each->name();
        if (ids.size() != 1)
            continue;
        const std::string job = each->at().spool() + "/done/" + ids.front();
        const auto deleted = rig::outcome_of(job, "deleted");
        EXPECT_EQ(deleted + rig::outcome_of(job, "already_gone"), tokens) << each->name();
        words.insert(words.end(), {"--job", job});
    }
    process audit(words, shared.path("audit"));
    EXPECT_EQ(audit.wait(), 0) << audit.output() << audit.errors();
    return seen;
}

struct failing
{
    const char* kind;
    std::vector<int> errors;  // 0: a short call
};

class Syscalls : public testing::TestWithParam<failing>
{
protected:
    void fail_each(unsigned long times) const
    {
        const unsigned long count = count_calls()[GetParam().kind];
        ASSERT_GT(count, 0U) << "the daemon makes no such call any more";
        std::vector<injected_fault> faults;
        for (const int error : GetParam().errors) {
            if (times == 0 && error == EINTR)
                continue;  // nothing is interrupted for ever
            for (const unsigned long at : chosen(count))
                faults.push_back(
                    {.kind = GetParam().kind, .at = at, .times = times, .error_number = error}
                );
        }
        const tally seen = live_through(faults);
        std::cout << "    " << GetParam().kind << ": " << count << " calls a run, " << seen.tried
                  << " faults tried, " << seen.hit << " struck, " << seen.stopped
                  << " daemons stopped with a reason\n";
        RecordProperty("faults", static_cast<int>(seen.hit));
        // The order of calls differs from run to run: the last ones may not be reached.
        EXPECT_GE(seen.hit * 10, seen.tried * 7);
    }
};

TEST_P(Syscalls, EachFailsOnce)
{
    fail_each(1);
}

TEST_P(Syscalls, EachFailsForGoodUntilItIsMended)
{
    fail_each(0);
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    Syscalls,
    testing::Values(
        failing{"open", {EIO, EMFILE}},
        failing{"read", {EIO, EINTR, 0}},
        failing{"write", {EIO, ENOSPC, EINTR, 0}},
        failing{"fsync", {EIO, ENOSPC}},
        failing{"rename", {EIO, ENOSPC}},
        failing{"unlink", {EIO}},
        failing{"mkdir", {ENOSPC, EIO}},
        failing{"fallocate", {ENOSPC, EIO, EINTR}},
        failing{"ftruncate", {EIO}},
        failing{"stat", {EIO}},
        failing{"chmod", {EIO}},
        failing{"fcntl", {EIO}},
        failing{"opendir", {ENOMEM}},
        failing{"readdir", {EIO}},
        failing{"inotify_init", {EMFILE}},
        failing{"inotify_watch", {ENOSPC}},
        failing{"socket", {EMFILE}},
        failing{"epoll", {ENOSPC, EMFILE}},
        failing{"timerfd", {EMFILE}},
        failing{"eventfd", {EMFILE}}
    ),
    [](const auto& each) { return std::string(each.param.kind); }
);

}  // namespace
