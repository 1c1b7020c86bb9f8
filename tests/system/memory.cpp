// What was learnt of a limit outlives a kill.

#include "rig.hpp"

#include <algorithm>

namespace {

using namespace reaper::test;

std::vector<boost::json::object> ledger_of(const rig& r)
{
    std::vector<boost::json::object> lines;
    std::ifstream file(r.path("ledger"));
    // The last line may not be whole yet.
    for (std::string line; std::getline(file, line) && !file.eof();)
        lines.push_back(boost::json::parse(line).as_object());
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
        return a.at("t").as_int64() < b.at("t").as_int64();
    });
    return lines;
}

double stored_pace(const rig& r)
{
    std::error_code none;
    const std::string folder = r.spool() + "/state/limits";
    for (const auto& each : std::filesystem::directory_iterator(folder, none)) {
        const std::string name = each.path().filename();
        if (name.starts_with(".") || !name.ends_with(".json"))
            continue;
        const auto stored = rig::json_of(each.path());
        if (const auto* pace = stored.if_contains("pace_per_s"))
            return pace->to_number<double>();
    }
    return 0;
}

TEST(Memory, AfterAKillSendingBeginsNearThePaceThatWasLearnt)
{
    rig r;
    r.start_sandbox({"--limit", "100/s"});
    r.configure();
    r.start_daemon();
    r.drop("limited.txt", token_lines(20'000));
    ASSERT_TRUE(wait_until([&r] { return stored_pace(r) > 50; }, std::chrono::seconds(60)))
        << r.log();
    r.kill_daemon();
    const double learnt = stored_pace(r);
    const std::size_t before = ledger_of(r).size();

    const auto killed_at = std::chrono::steady_clock::now().time_since_epoch();
    r.start_daemon();
    const auto sent = [&] { return ledger_of(r).size(); };
    ASSERT_TRUE(wait_until([&] { return sent() > before + 150; }, std::chrono::seconds(60)))
        << r.log();
    r.kill_daemon();
    r.stop_sandbox();

    const auto ledger = ledger_of(r);
    const auto first = std::find_if(ledger.begin(), ledger.end(), [&](const auto& line) {
        return line.at("t").as_int64() > std::chrono::nanoseconds(killed_at).count();
    });
    ASSERT_NE(first, ledger.end());
    const std::int64_t begin = first->at("t").as_int64();
    EXPECT_GE(begin - std::chrono::nanoseconds(killed_at).count(), 5'000'000'000);
    // A ramp, which knows nothing, would be at 10/s to 40/s in its first quarter of a second, and
    // far above the limit in the second one. The first request goes alone: it proves the
    // connection.
    const auto count = std::count_if(first, ledger.end(), [&](const auto& line) {
        return line.at("t").as_int64() < begin + 1'500'000'000;
    });
    EXPECT_GT(static_cast<double>(count), 0.6 * 1.5 * learnt);
    EXPECT_LT(static_cast<double>(count), 1.3 * 1.5 * learnt);
}

}  // namespace
