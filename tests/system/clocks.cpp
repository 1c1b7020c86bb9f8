// The wall clock jumps: waits stay as they are, for they are monotonic; records, deadlines and
// retention follow it.

#include "torture.hpp"

#include <sys/mman.h>

#include <array>

namespace {

using namespace reaper::test;
using std::chrono::seconds;

constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;

// The clock of one daemon: tests/support/interpose/shift_clock.cpp reads what is written here.
class wall_clock
{
public:
    explicit wall_clock(const rig& r) : path_(r.path("clock")) { shift(0); }

    void shift(std::int64_t by) const
    {
        // In place: the daemon has it mapped.
        const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        ASSERT_EQ(::pwrite(file, &by, sizeof by, 0), static_cast<ssize_t>(sizeof by));
        ::close(file);
    }

    [[nodiscard]] std::vector<std::string> variables() const
    {
        return interposed({"SHIFT_CLOCK=" + path_});
    }

private:
    std::string path_;
};

std::size_t lines_in(const std::string& file)
{
    const std::string text = content_of(file);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

class Clocks : public testing::TestWithParam<std::int64_t>
{
};

TEST_P(Clocks, AJumpInsideTheSilenceShortensAndLengthensNothing)
{
    rig r;
    r.start_sandbox({"--limit", "50/s", "--ban"});
    r.configure();
    const wall_clock clock(r);
    r.start_daemon(clock.variables());
    r.drop("limited.txt", token_lines(250));
    const auto refused = [&r] {
        return content_of(r.path("ledger")).find("\"status\":429") != std::string::npos;
    };
    ASSERT_TRUE(wait_until(refused, seconds(30))) << r.log();
    clock.shift(GetParam());
    const auto before = std::chrono::steady_clock::now();
    const std::string job = r.wait_done("limited", seconds(60));
    ASSERT_FALSE(job.empty());
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(45));
    EXPECT_EQ(rig::outcome_of(job, "deleted"), 250U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok({"--silence", "5s", "--rtt", "50ms"});
}

TEST_P(Clocks, AJumpInTheMiddleOfAJobKeepsIntakeRecordsAndOldJobs)
{
    rig r;
    r.start_sandbox();
    r.configure("    pace: 200/s\n", "intake: {settle: 200ms, rescan: 1s}\n");
    const wall_clock clock(r);
    r.start_daemon(clock.variables());
    r.drop("first.txt", token_lines(300));
    ASSERT_TRUE(wait_until([&] { return lines_in(r.path("ledger")) > 50; }, seconds(30)));
    clock.shift(GetParam());
    // Taken in by its look, not by an event: `settle` must not wait for the wall clock.
    put_content(r.spool() + "/incoming/second.txt", token_lines(50, 2));
    ASSERT_FALSE(r.wait_done("first", seconds(30)).empty());
    const std::string second = r.wait_done("second", seconds(30));
    EXPECT_EQ(rig::outcome_of(second, "deleted"), 50U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    // A start looks for what is older than the retention.
    r.start_daemon(clock.variables());
    r.drop("third.txt", token_lines(10, 3));
    ASSERT_FALSE(r.wait_done("third", seconds(30)).empty());
    EXPECT_EQ(r.jobs("done").size(), 3U);
    for (const std::string& id : r.jobs("done"))
        EXPECT_TRUE(is_there(r.spool() + "/done/" + id + "/results.jsonl")) << id;
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
}

INSTANTIATE_TEST_SUITE_P(Wall, Clocks, testing::Values(-hour, day), [](const auto& each) {
    return each.param < 0 ? "AnHourBack" : "ADayForward";
});

TEST(ClocksOfJobs, ADeadlineFollowsTheWallClock)
{
    rig r;
    r.start_sandbox();
    r.configure("    pace: 20/s\n");
    const wall_clock clock(r);
    r.start_daemon(clock.variables());
    const std::time_t in_twelve_hours = std::time(nullptr) + 12 * hour;
    std::array<char, 32> deadline{};
    std::tm parts{};
    ::gmtime_r(&in_twelve_hours, &parts);
    std::strftime(deadline.data(), deadline.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    r.drop(
        "late.txt", "---\ndeadline: " + std::string(deadline.data()) + "\n---\n" + token_lines(2000)
    );
    ASSERT_TRUE(wait_until([&] { return lines_in(r.path("ledger")) > 10; }, seconds(30)));
    clock.shift(-hour);
    const auto sent = lines_in(r.path("ledger"));
    ASSERT_TRUE(wait_until([&] { return lines_in(r.path("ledger")) > sent + 10; }, seconds(30)));
    clock.shift(day);
    const std::string job = r.wait_done("late", seconds(20));
    EXPECT_GT(rig::outcome_of(job, "deleted"), 10U);
    EXPECT_GT(rig::outcome_of(job, "expired"), 100U);
    EXPECT_EQ(r.stop_daemon(), 0) << r.log();
    r.stop_sandbox();
    r.expect_audit_ok();
}

}  // namespace
