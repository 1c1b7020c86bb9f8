#include "reaper/rt/supervisor.hpp"

#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace reaper {
namespace {

using namespace std::chrono_literals;

// The manager's end: a datagram socket at a path, or at an abstract name ('@').
class notify_socket
{
public:
    explicit notify_socket(std::string name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (name.front() == '@')
            name.front() = '\0';
        std::ranges::copy(name, address.sun_path);
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    }

    ~notify_socket() { ::close(descriptor_); }

    notify_socket(const notify_socket&) = delete;
    notify_socket& operator=(const notify_socket&) = delete;

    // The next datagram, or "nothing".
    std::string next() const
    {
        std::array<char, 2048> buffer{};
        const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(buffer.data(), static_cast<std::size_t>(size));
    }

private:
    int descriptor_;
};

class Supervisor : public testing::Test
{
protected:
    test::temp_dir dir_;
    std::string path_ = dir_ / "notify";
    notify_socket socket_{path_};
    supervisor manager_{{{"NOTIFY_SOCKET", path_}}};
};

TEST_F(Supervisor, IsToldEachStateInOneDatagram)
{
    EXPECT_TRUE(manager_.is_present());
    EXPECT_TRUE(manager_.ready("idle"));
    EXPECT_EQ(socket_.next(), "READY=1\nSTATUS=idle");
    EXPECT_TRUE(manager_.stopping("3 in flight"));
    EXPECT_EQ(socket_.next(), "STOPPING=1\nSTATUS=3 in flight");
    EXPECT_TRUE(manager_.status("12 of 40"));
    EXPECT_EQ(socket_.next(), "STATUS=12 of 40");
    EXPECT_TRUE(manager_.alive());
    EXPECT_EQ(socket_.next(), "WATCHDOG=1");
    EXPECT_TRUE(manager_.extend_timeout(30s));
    EXPECT_EQ(socket_.next(), "EXTEND_TIMEOUT_USEC=30000000");
    EXPECT_EQ(socket_.next(), "nothing");
}

TEST_F(Supervisor, IsToldWhenAReloadBegan)
{
    EXPECT_TRUE(manager_.reloading(mono_time{1'234'567'899ns}));
    EXPECT_EQ(socket_.next(), "RELOADING=1\nMONOTONIC_USEC=1234567");
}

TEST_F(Supervisor, AStatusIsOneLineAndBounded)
{
    EXPECT_TRUE(manager_.status("a\nREADY=1"));
    EXPECT_EQ(socket_.next(), "STATUS=a?READY=1");
    EXPECT_TRUE(manager_.status(std::string(5000, 'x')));
    EXPECT_LE(socket_.next().size(), 507u);
}

TEST_F(Supervisor, AFullSocketIsAFaultAndNoHang)
{
    bool refused = false;
    for (int i = 0; i < 2000 && !refused; ++i)
        refused = !manager_.alive();
    EXPECT_TRUE(refused);
}

TEST(SupervisorAddress, MayBeAbstract)
{
    const std::string name = "@reaper-test-" + std::to_string(::getpid());
    const notify_socket socket(name);
    EXPECT_TRUE(supervisor({{"NOTIFY_SOCKET", name}}).ready(""));
    EXPECT_EQ(socket.next(), "READY=1\nSTATUS=");
}

TEST(SupervisorAddress, MayBeMissingOrOfAnUnknownKind)
{
    const std::string too_long = "/" + std::string(200, 'x');
    for (const std::string& address : {std::string{}, std::string{"vsock:2:1"}, too_long}) {
        const supervisor manager({{"NOTIFY_SOCKET", address}});
        EXPECT_FALSE(manager.is_present());
        EXPECT_TRUE(manager.ready("x"));
    }
    EXPECT_FALSE(supervisor({}).is_present());
}

TEST(SupervisorAddress, ThatNobodyListensAtIsAFault)
{
    const test::temp_dir dir;
    const auto told = supervisor({{"NOTIFY_SOCKET", dir / "none"}}).ready("x");
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().sentence, "cannot tell the service manager: No such file or directory");
}

TEST(SupervisorWatchdog, IsForThisProcessOnly)
{
    const std::string mine = std::to_string(::getpid());
    const auto timeout = [](std::map<std::string, std::string> environment) {
        return supervisor(environment).watchdog_timeout();
    };
    EXPECT_EQ(timeout({}), std::nullopt);
    EXPECT_EQ(timeout({{"WATCHDOG_USEC", "30000000"}}), 30s);
    EXPECT_EQ(timeout({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", mine}}), 30s);
    EXPECT_EQ(timeout({{"WATCHDOG_USEC", "30000000"}, {"WATCHDOG_PID", "1"}}), std::nullopt);
    for (const char* bad : {"", "0", "-5", "5s", "99999999999999999999"})
        EXPECT_EQ(timeout({{"WATCHDOG_USEC", bad}}), std::nullopt) << bad;
}

}  // namespace
}  // namespace reaper
