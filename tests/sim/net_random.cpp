// A client that does anything a client may do, in worlds of every shape: the contract of
// connections holds, no answer is made up, and a seed is a run.

#include "net_client.hpp"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

namespace reaper::test {
namespace {

class random_user
{
public:
    explicit random_user(std::uint64_t seed)
        : random_(seed),
          shape_(random_shape(random_)),
          api_(clock_, shape_, random_.fork(), "api.example"),
          net_(clock_, api_, random_.fork())
    {
        api_.add_app("KEY", "rest");
        for (int i = 0; i < 300; ++i)
            api_.add_campaign(0, "c" + std::to_string(i));
    }

    // Some minutes of connections, now and then a crash. Returns what happened in one number.
    std::uint64_t run()
    {
        for (int step = 0; step < 60 && !testing::Test::HasFailure(); ++step) {
            if (clients_.size() < 3 && random_.one_in(2))
                add_client();
            const std::uint64_t id = next_id_ == 0 ? 0 : random_.below(next_id_);
            if (clients_.contains(id))
                do_something(id);
            if (random_.one_in(40))
                crash();
            clock_.run_until(clock_.mono() + random_.upto(random_.one_in(8) ? 20s : 300ms));
        }
        crash();
        clock_.run_until(clock_.mono() + 1h);
        EXPECT_EQ(clock_.size(), 0u) << "a dead network goes on";
        return net_.trace();
    }

    [[nodiscard]] const api_model& api() const { return api_; }

    [[nodiscard]] const world_shape& shape() const { return shape_; }

private:
    void add_client()
    {
        const std::uint64_t id = next_id_++;
        auto client = std::make_unique<net_client>(net_);
        client->on_event = [this, id] {
            net_client& it = *clients_.at(id);
            if (it.is == net_client::state::failed || it.is == net_client::state::closed)
                return;
            if (random_.one_in(30))
                it.shut(random_.one_in(2));
            else if (random_.one_in(3))
                ask(it);
        };
        clients_.emplace(id, std::move(client));
    }

    void do_something(std::uint64_t id)
    {
        net_client& it = *clients_.at(id);
        if (it.is == net_client::state::open) {
            if (random_.one_in(10))
                it.shut(random_.one_in(2));
            else
                ask(it);
        } else if (it.is != net_client::state::dialling) {
            clients_.erase(id);
        }
    }

    void ask(net_client& it)
    {
        if (it.is != net_client::state::open || it.writing)
            return;
        std::string text;
        const std::uint64_t count = it.heard.empty() ? 1 : 1 + random_.below(5);
        for (std::uint64_t i = 0; i < count; ++i)
            text += deletion_text("c" + std::to_string(random_.below(330)));
        it.write(text);
    }

    void crash()
    {
        for (auto& [id, each] : clients_)
            if (each->is == net_client::state::open || each->is == net_client::state::dialling)
                each->is = net_client::state::shut;
        net_.process_died();
        clients_.clear();
    }

    random_source random_;
    world_shape shape_;
    event_queue clock_;
    api_model api_;
    net_model net_;
    std::map<std::uint64_t, std::unique_ptr<net_client>> clients_;
    std::uint64_t next_id_ = 0;
};

void check_truth(const random_user& user)
{
    std::set<std::string> removed;
    for (const removal_by_rival& each : user.api().truth().removals)
        EXPECT_TRUE(removed.insert(each.token).second);
    for (const request_truth& each : user.api().truth().requests) {
        if (each.removed) {
            EXPECT_TRUE(each.existed);
            EXPECT_TRUE(removed.insert(each.token).second) << each.token << " was removed twice";
        }
        if (each.status / 100 == 2) {
            EXPECT_TRUE(each.removed);
        }
        if (each.arrived_at != mono_never) {
            EXPECT_GT(each.arrived_at, each.written_at);
        }
        if (each.read_at != mono_never) {
            EXPECT_GT(each.read_at, each.arrived_at);
            EXPECT_NE(each.status, 0);
        }
    }
    for (const std::string& token : removed)
        EXPECT_FALSE(user.api().exists(0, token));
}

TEST(NetRandom, ContractHoldsWhateverTheWorldAndItsUserDo)
{
    // More of them, or one that failed: REAPER_SEEDS=<first>-<last>.
    std::uint64_t first = 1;
    std::uint64_t last = 1'000;
    if (const char* wanted = std::getenv("REAPER_SEEDS")) {
        ASSERT_EQ(std::sscanf(wanted, "%" SCNu64 "-%" SCNu64, &first, &last), 2);
    }
    std::size_t requests = 0;
    std::size_t read = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        random_user user(seed);
        user.run();
        check_truth(user);
        ASSERT_FALSE(HasFailure()) << "seed " << seed << '\n' << describe(user.shape());
        for (const request_truth& each : user.api().truth().requests) {
            ++requests;
            read += each.read_at != mono_never ? 1U : 0U;
        }
    }
    EXPECT_GT(requests, 30 * (last - first));
    EXPECT_GT(read, requests / 4);
}

TEST(NetRandom, SameSeedIsTheSameRun)
{
    std::set<std::uint64_t> traces;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const std::uint64_t trace = random_user(seed).run();
        EXPECT_EQ(trace, random_user(seed).run()) << seed;
        traces.insert(trace);
    }
    EXPECT_EQ(traces.size(), 100u);
}

}  // namespace
}  // namespace reaper::test
