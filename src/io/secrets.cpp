#include "reaper/io/secrets.hpp"

#include "reaper/io/file_ops.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reaper {

namespace {

constexpr std::size_t secret_bytes_max = 4096;

bool is_visible_ascii(char c)
{
    return c > 0x20 && c < 0x7F;
}

// RFC 3986 2.3, without `~`: what stands in a path without being escaped.
bool is_path_safe(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

fault open_fault(const std::string& path)
{
    const int error_number = errno;
    fault failure = system_fault("cannot open " + path, error_number);
    if (error_number == ENOENT)
        failure.sentence += "; put the key into it";
    if (error_number == EACCES)
        failure.sentence += "; let the daemon's user own it (chown, chmod 0400)";
    return failure;
}

// Up to one byte more than a secret may have, so that a longer one is seen to be longer.
result<std::string> read_secret_file(const std::string& path, bool private_only)
{
    // O_NONBLOCK: opening a FIFO by mistake must not hang.
    const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file)
        return open_fault(path);

    struct stat status
    {
    };

    if (::fstat(file.get(), &status) != 0)
        return system_fault("cannot look at " + path);
    if (!S_ISREG(status.st_mode))
        return fault{path + " is not a regular file"};
    if (private_only && (status.st_mode & (S_IROTH | S_IWOTH)) != 0)
        return fault{fmt::format(
            "{} is open to everybody on this machine (mode {:04o}): chmod 0440, or stricter; in "
            "Kubernetes, defaultMode: 0440",
            path,
            status.st_mode & 07777
        )};

    std::array<char, secret_bytes_max + 1> buffer{};
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t got = retry_interrupted([&] {
            return ::read(file.get(), buffer.data() + size, buffer.size() - size);
        });
        if (got < 0)
            return system_fault("cannot read " + path);
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    return std::string(buffer.data(), size);
}

result<std::string> read_source(
    const secret_source& source, const std::map<std::string, std::string>& environment
)
{
    switch (source.where) {
        case secret_source::from::file:
            return read_secret_file(source.name, true);
        case secret_source::from::environment: {
            const auto found = environment.find(source.name);
            if (found == environment.end())
                return fault{fmt::format("the environment variable {} is not set", source.name)};
            return found->second;
        }
        case secret_source::from::credential: {
            const auto directory = environment.find("CREDENTIALS_DIRECTORY");
            if (directory == environment.end() || directory->second.empty())
                return fault{fmt::format(
                    "there are no systemd credentials; add LoadCredential={}:/path to the unit",
                    source.name
                )};
            // systemd keeps the directory closed, whatever the mode of the file says.
            return read_secret_file(directory->second + "/" + source.name, false);
        }
    }
    return fault{"the source of the secret is not known"};
}

std::string describe_source(const secret_source& source)
{
    switch (source.where) {
        case secret_source::from::file:
            return source.name;
        case secret_source::from::environment:
            return "the environment variable " + source.name;
        case secret_source::from::credential:
            return "the credential " + source.name;
    }
    return {};
}

}  // namespace

result<std::string> load_secret(
    const secret_source& source, const std::map<std::string, std::string>& environment
)
{
    auto read = read_source(source, environment);
    if (!read)
        return read;
    std::string& secret = *read;
    if (secret.ends_with("\r\n"))
        secret.resize(secret.size() - 2);
    else if (secret.ends_with('\n'))
        secret.pop_back();

    const std::string where = describe_source(source);
    if (secret.empty())
        return fault{where + " is empty; put the key into it"};
    if (secret.size() > secret_bytes_max)
        return fault{where + " is longer than 4 KiB: this is no key"};
    if (!std::ranges::all_of(secret, is_visible_ascii))
        return fault{
            where +
            " holds a space, a line break or another byte that no key has; "
            "it must hold the key and nothing else"};
    return read;
}

result<account_secrets> load_account_secrets(
    const account_settings& account, const std::map<std::string, std::string>& environment
)
{
    const auto named = [&account](std::string_view key, const fault& failure) {
        return fault{
            fmt::format("account \"{}\": {}: {}", account.name, key, failure.sentence),
            failure.error_number};
    };
    const auto api_key = load_secret(account.api_key, environment);
    if (!api_key)
        return named("api_key", api_key.error());
    const bool resolves = *api_key == "." || *api_key == "..";
    if (resolves || !std::ranges::all_of(*api_key, is_path_safe))
        return named(
            "api_key",
            fault{
                describe_source(account.api_key) + " holds a byte that cannot stand in a URL; it "
                                                   "must hold the API key and nothing else"}
        );
    const auto rest_api_key = load_secret(account.rest_api_key, environment);
    if (!rest_api_key)
        return named("rest_api_key", rest_api_key.error());
    return account_secrets{*api_key, *rest_api_key};
}

file_stamp stamp_of(const std::string& path)
{
    struct stat status
    {
    };

    if (::stat(path.c_str(), &status) != 0)
        return {};
    const auto nanoseconds = [](const timespec& time) {
        return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
    };
    return {
        status.st_dev,
        status.st_ino,
        status.st_size,
        nanoseconds(status.st_mtim),
        nanoseconds(status.st_ctim)};
}

std::vector<file_stamp> stamps_of(const account_settings& account)
{
    std::vector<file_stamp> stamps;
    for (const secret_source* source : {&account.api_key, &account.rest_api_key}) {
        if (source->where == secret_source::from::file)
            stamps.push_back(stamp_of(source->name));
    }
    if (!account.ca_file.empty())
        stamps.push_back(stamp_of(account.ca_file));
    return stamps;
}

}  // namespace reaper
