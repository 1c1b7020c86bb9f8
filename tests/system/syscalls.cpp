// Every system call of a job on the spool fails, one by one, once and for good: results.jsonl stays
// valid, no outcome is lost, no token has two, and the daemon goes on or stops with a clear reason.

#include "torture.hpp"

#include <iostream>
#include <map>
#include <memory>

namespace {

using namespace reaper::test;

constexpr std::uint64_t tokens = 1000;

#ifdef REAPER_SANITIZED
constexpr std::size_t side_by_side = 12;
constexpr unsigned long tries_of_a_kind = 2;
#else
// A job of 1,000 tokens mostly waits for its pace to grow.
constexpr std::size_t side_by_side = 48;
constexpr unsigned long tries_of_a_kind = 6;
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
    const char* named = "";
};

const std::vector<failing> table = {
    {"open", {EIO, EMFILE}},
    {"read", {EIO, EINTR, 0}},
    {"write", {ENOSPC, EIO, EINTR, 0}},
    {"fsync", {EIO, ENOSPC}},
    {"rename", {EIO, ENOSPC}},
    {"unlink", {EIO}},
    {"mkdir", {ENOSPC, EIO}},
    {"fallocate", {ENOSPC, EIO, EINTR}},
    {"ftruncate", {EIO}},
    {"stat", {EIO}},
    {"chmod", {EIO}},
    {"fcntl", {EIO}},
    {"opendir", {ENOMEM}},
    {"readdir", {EIO}},
    {"inotify_init", {EMFILE}},
    {"inotify_watch", {ENOSPC}},
    {"socket", {EMFILE}},
    {"epoll", {EMFILE}, "epoll_create1"},
    {"epoll", {ENOSPC}, "inotify"},
    {"timerfd", {EMFILE}},
    {"eventfd", {EMFILE}},
};

// `times` as in injected_fault.
std::vector<injected_fault> all_faults(unsigned long times)
{
    auto counts = count_calls();
    std::vector<injected_fault> faults;
    for (const failing& each : table) {
        EXPECT_GT(counts[each.kind], 0U) << each.kind << ": the daemon makes no such call any more";
        for (const int error : each.errors) {
            if (times == 0 && error == EINTR)
                continue;  // nothing is interrupted for ever
            for (const unsigned long at : chosen(*each.named == '\0' ? counts[each.kind] : 1))
                faults.push_back(
                    {.kind = each.kind,
                     .at = at,
                     .times = times,
                     .error_number = error,
                     .named = each.named}
                );
        }
    }
    return faults;
}

void tell(const char* how, const tally& seen)
{
    std::cout << "    system calls that fail " << how << ": " << seen.tried << " tried, "
              << seen.hit << " struck, " << seen.stopped << " daemons stopped with a reason\n";
    testing::Test::RecordProperty("faults", static_cast<int>(seen.hit));
    // The order of calls differs from run to run: the last ones may not be reached.
    EXPECT_GE(seen.hit * 10, seen.tried * 8);
}

TEST(Syscalls, EachFailsOnceAndNoOutcomeIsLost)
{
    tell("once", live_through(all_faults(1)));
}

TEST(Syscalls, EachFailsUntilItIsMendedAndNoOutcomeIsLost)
{
    tell("for good", live_through(all_faults(0)));
}

}  // namespace
