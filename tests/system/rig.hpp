#pragma once
// What a test of the real binaries needs: a spool, keys, a configuration, batch-sandbox, the
// daemon, the audit. Everything lies in a directory of its own, on ports that the system chose.
//
// When the rig goes, it looks through every file that was written for the keys (SPEC P6).

#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reaper::test {

// Calls `seen` until it is true; false if it is not within `patience`.
inline bool wait_until(const std::function<bool()>& seen, std::chrono::milliseconds patience)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!seen()) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

// The `i`-th of a family of well-formed 1.1 tokens.
inline std::string token_of(std::uint64_t i, std::uint64_t family = 0)
{
    std::uint64_t mixed = (i + 1) * 0x9E3779B97F4A7C15ULL + family * 0xC2B2AE3D27D4EB4FULL;
    mixed ^= mixed >> 29;
    std::array<char, 33> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%016llx%08llx%08llx",
        static_cast<unsigned long long>(mixed * 0xBF58476D1CE4E5B9ULL),
        static_cast<unsigned long long>(family & 0xffffffffU),
        static_cast<unsigned long long>(i & 0xffffffffU)
    );
    return {text.data(), 32};
}

inline std::string token_lines(std::uint64_t count, std::uint64_t family = 0)
{
    std::string lines;
    lines.reserve(count * 33);
    for (std::uint64_t i = 0; i < count; ++i)
        lines += token_of(i, family) + "\n";
    return lines;
}

class rig
{
public:
    inline static const std::string api_key = "5A1DB0C0FFEE5A1DB0C0FFEE5A1DB0";
    inline static const std::string rest_key = "c0ffee5a1db0c0ffee5a1db0c0ffee5a";

    rig()
    {
        put_content(folder_ / "api.key", api_key + "\n");
        put_content(folder_ / "rest.key", rest_key + "\n");
        for (const char* name : {"api.key", "rest.key"})
            std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_read);
        std::filesystem::create_directory(spool());
    }

    ~rig()
    {
        daemon_.reset();
        sandbox_.reset();
        expect_no_keys();
    }

    rig(const rig&) = delete;
    rig& operator=(const rig&) = delete;

    [[nodiscard]] std::string spool() const { return folder_ / "spool"; }

    [[nodiscard]] std::string path(std::string_view name) const { return folder_ / name; }

    [[nodiscard]] std::string config_path() const { return folder_ / "config.yaml"; }

    // --- the API -------------------------------------------------------------------------------
    void start_sandbox(const std::vector<std::string>& options = {})
    {
        // The same port again after a restart: the configuration names it.
        const std::string listen = "127.0.0.1:" + std::to_string(port_);
        std::filesystem::remove(path("port"));
        std::vector<std::string> words = {
            SANDBOX_BINARY,
            "--listen",
            listen,
            "--port-file",
            path("port"),
            "--ca-out",
            path("ca.pem"),
            "--ledger",
            path("ledger"),
            "--api-key-file",
            path("api.key"),
            "--rest-key-file",
            path("rest.key"),
        };
        words.insert(words.end(), options.begin(), options.end());
        sandbox_ = std::make_unique<process>(words, path("sandbox"));
        const bool up = wait_until(
            [this] { return std::filesystem::exists(path("port")); }, std::chrono::seconds(20)
        );
        ASSERT_TRUE(up) << sandbox_->errors();
        std::ifstream(path("port")) >> port_;
    }

    // Ends it, so that its ledger is whole.
    void stop_sandbox()
    {
        sandbox_->signal(SIGTERM);
        EXPECT_EQ(sandbox_->wait_for(std::chrono::seconds(20)), 0) << sandbox_->errors();
        sandbox_.reset();
    }

    [[nodiscard]] process& sandbox() { return *sandbox_; }

    // Uses the sandbox of another rig, which must outlive what this one sends.
    void share_sandbox(const rig& other)
    {
        port_ = other.port_;
        std::filesystem::copy_file(other.path("ca.pem"), path("ca.pem"));
    }

    // --- the daemon ----------------------------------------------------------------------------
    // `account` and `rest` are lines of YAML: of the account (4 blanks deep), and of the whole.
    void configure(const std::string& account = "", const std::string& rest = "")
    {
        put_content(
            config_path(),
            "spool: " + spool() + "\naccounts:\n  prod:\n    api_key_file: " + path("api.key") +
                "\n    rest_api_key_file: " + path("rest.key") +
                "\n    endpoint: https://127.0.0.1:" + std::to_string(port_ == 0 ? 9 : port_) +
                "\n    ca_file: " + path("ca.pem") + "\n" + account + rest
        );
    }

    [[nodiscard]] process command(
        std::vector<std::string> words,
        const std::string& log,
        const std::vector<std::string>& variables = {}
    ) const
    {
        std::vector<std::string> all = {REAPER_BINARY, "--config", config_path()};
        all.insert(all.end(), words.begin(), words.end());
        return {all, path(log), variables};
    }

    void start_daemon(const std::vector<std::string>& variables = {})
    {
        daemon_ = std::make_unique<process>(command({"run"}, "daemon", variables));
    }

    // Runs `once`: its exit status.
    int once(std::chrono::seconds patience = std::chrono::seconds(100))
    {
        process run = command({"once"}, "once");
        return run.wait_for(patience).value_or(-1);
    }

    int stop_daemon()
    {
        daemon_->signal(SIGTERM);
        const int status = daemon_->wait_for(std::chrono::seconds(40)).value_or(-1);
        daemon_.reset();
        return status;
    }

    void kill_daemon()
    {
        daemon_->signal(SIGKILL);
        static_cast<void>(daemon_->wait());
        daemon_.reset();
    }

    [[nodiscard]] process& daemon() { return *daemon_; }

    [[nodiscard]] std::string log() const { return content_of(path("daemon.err")); }

    // --- jobs ----------------------------------------------------------------------------------
    // Renamed in, as a whole.
    void drop(const std::string& name, std::string_view content, const std::string& account = "")
    {
        const std::string folder = spool() + "/incoming" + (account.empty() ? "" : "/" + account);
        std::filesystem::create_directories(folder);
        // Names that begin with a dot are left alone.
        put_content(folder + "/.dropping", content);
        std::filesystem::rename(folder + "/.dropping", folder + "/" + name);
    }

    // The jobs in active, done or rejected whose id holds `part`.
    [[nodiscard]] std::vector<std::string> jobs(
        const std::string& place, const std::string& part = ""
    ) const
    {
        std::vector<std::string> ids;
        std::error_code none;
        for (const auto& each : std::filesystem::directory_iterator(spool() + "/" + place, none)) {
            const std::string id = each.path().filename();
            if (!id.starts_with(".") && id.find(part) != std::string::npos)
                ids.push_back(id);
        }
        return ids;
    }

    // Waits until a job whose id holds `part` is in done/, and returns its directory.
    [[nodiscard]] std::string wait_done(
        const std::string& part, std::chrono::seconds patience = std::chrono::seconds(60)
    ) const
    {
        return wait_in("done", part, patience);
    }

    [[nodiscard]] std::string wait_in(
        const std::string& place,
        const std::string& part,
        std::chrono::seconds patience = std::chrono::seconds(60)
    ) const
    {
        std::vector<std::string> found;
        wait_until([&] { return !(found = jobs(place, part)).empty(); }, patience);
        EXPECT_FALSE(found.empty()) << part << " is not in " << place << "\n" << log();
        return found.empty() ? "" : spool() + "/" + place + "/" + found.front();
    }

    [[nodiscard]] static boost::json::object json_of(const std::string& file)
    {
        boost::system::error_code error;
        auto value = boost::json::parse(content_of(file), error);
        EXPECT_FALSE(error) << file;
        return value.is_object() ? value.as_object() : boost::json::object{};
    }

    // Counts per outcome, from summary.json.
    [[nodiscard]] static std::uint64_t outcome_of(const std::string& job, std::string_view name)
    {
        const auto summary = json_of(job + "/summary.json");
        const auto* counts = summary.if_contains("outcomes");
        const auto* count = counts == nullptr ? nullptr : counts->as_object().if_contains(name);
        return count == nullptr ? 0 : count->to_number<std::uint64_t>();
    }

    // Compares every results log with the ledger; the sandbox must have ended.
    void expect_audit_ok(const std::vector<std::string>& options = {}) const
    {
        std::vector<std::string> words = {
            AUDIT_BINARY, "--ledger", path("ledger"), "--spool", spool()};
        words.insert(words.end(), options.begin(), options.end());
        process audit(words, path("audit"));
        EXPECT_EQ(audit.wait(), 0) << audit.output() << audit.errors();
    }

private:
    void expect_no_keys() const
    {
        for (const auto& each : std::filesystem::recursive_directory_iterator(folder_.path())) {
            const std::string name = each.path();
            if (!each.is_regular_file() || name.ends_with(".key"))
                continue;
            const std::string content = content_of(name);
            EXPECT_EQ(content.find(api_key), std::string::npos) << "the API key is in " << name;
            EXPECT_EQ(content.find(rest_key), std::string::npos) << "the REST key is in " << name;
        }
    }

    temp_dir folder_;
    std::uint16_t port_ = 0;
    std::unique_ptr<process> sandbox_;
    std::unique_ptr<process> daemon_;
};

}  // namespace reaper::test
