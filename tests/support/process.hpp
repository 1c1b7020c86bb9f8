#pragma once
// A child process of a test: started with its output in a file, killed at the latest when the test
// ends. For the real binaries.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace reaper::test {

class process
{
public:
    // Standard output goes to `<log>.out`, standard error to `<log>.err`; both are appended to.
    // `variables` ("NAME=value") stand before those of this process.
    process(
        std::vector<std::string> words,
        const std::string& log,
        std::vector<std::string> variables = {}
    )
        : log_(log)
    {
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        std::vector<char*> environment;
        for (std::string& variable : variables)
            environment.push_back(variable.data());
        for (char** each = environ; *each != nullptr; ++each)
            environment.push_back(*each);
        environment.push_back(nullptr);
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        const int flags = O_WRONLY | O_CREAT | O_APPEND;
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&files, 1, (log + ".out").c_str(), flags, 0644);
        posix_spawn_file_actions_addopen(&files, 2, (log + ".err").c_str(), flags, 0644);
        const int failed =
            posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environment.data());
        posix_spawn_file_actions_destroy(&files);
        if (failed != 0)
            throw std::runtime_error("cannot start " + words.front());
    }

    ~process()
    {
        if (pid_ > 0 && !status_) {
            ::kill(pid_, SIGKILL);
            static_cast<void>(wait());
        }
    }

    process(process&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)),
          log_(std::move(other.log_)),
          status_(other.status_),
          usage_(other.usage_)
    {
    }

    process(const process&) = delete;
    process& operator=(const process&) = delete;
    process& operator=(process&&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }

    void signal(int number) const { ::kill(pid_, number); }

    // The exit status, or 128 + the signal that ended it.
    int wait()
    {
        int raw = 0;
        if (!status_ && ::wait4(pid_, &raw, 0, &usage_) == pid_)
            status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
        return status_.value_or(-1);
    }

    // nullopt if it still runs after `patience`.
    [[nodiscard]] std::optional<int> wait_for(std::chrono::milliseconds patience)
    {
        if (status_)
            return status_;
        const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&ended, 1, static_cast<int>(patience.count()));
        ::close(handle);
        if (ready <= 0)
            return std::nullopt;
        static_cast<void>(wait());
        return status_;
    }

    // Largest resident size so far, in KiB; known when it has ended.
    [[nodiscard]] long resident_kib() const { return usage_.ru_maxrss; }

    [[nodiscard]] std::string output() const { return read(log_ + ".out"); }

    [[nodiscard]] std::string errors() const { return read(log_ + ".err"); }

private:
    static std::string read(const std::string& path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    pid_t pid_ = -1;
    std::string log_;
    std::optional<int> status_;
    rusage usage_{};
};

}  // namespace reaper::test
