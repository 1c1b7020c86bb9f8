// The one request that goes first after a silence (SPEC 6), when silences overlap.

#include "support/fake_world.hpp"
#include "support/job_reading.hpp"

#include <gtest/gtest.h>

namespace reaper::test {
namespace {

TEST(EngineCanary, AnEarlierCanarysAnswerDoesNotOpenForALaterOne)
{
    fake_world world;
    world.setup().settings.connections = 4;
    world.setup().settings.max_window = 1;
    // A straggler is refused while the first canary is out. That one's answer comes while the
    // second is: it says nothing of the second silence.
    link_id refused = 0;
    mono_time refused_at{};
    bool straggled = false;
    int canaries = 0;
    world.api = [&](const api_request& asked) {
        api_reply reply = honest(asked);
        if (asked.number == 100) {
            refused = asked.link;
            refused_at = asked.at;
            reply = says(429);
        } else if (refused != 0 && !straggled && asked.link != refused) {
            straggled = true;
            reply = says(429);
            reply.delay = 7s;
        } else if (refused != 0 && asked.at >= refused_at + 5s && canaries < 2) {
            reply.delay = canaries == 0 ? 9s : 5s;
            ++canaries;
        }
        return reply;
    };
    world.start();
    world.add(300);
    ASSERT_TRUE(world.run_to_end());
    EXPECT_EQ(world.throttled_at.size(), 2U);
    EXPECT_EQ(canaries, 2);
}

}  // namespace
}  // namespace reaper::test
