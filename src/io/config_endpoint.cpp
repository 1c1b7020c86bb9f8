#include "config_endpoint.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace reaper {

namespace {

constexpr std::size_t host_bytes_max = 253;  // RFC 1035
constexpr std::size_t url_bytes_max = 1024;

bool is_letter_or_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_ipv4(const std::string& host)
{
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host)
{
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host)
{
    return !host.empty() && host.size() <= host_bytes_max && is_letter_or_digit(host.front()) &&
           host.find("..") == host.npos && std::ranges::all_of(host, [](char c) {
               return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
           });
}

// Takes "host", "host:port" or "[ipv6]:port" apart. False if it is none of these.
bool split_authority(std::string_view authority, endpoint_settings& out)
{
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == authority.npos)
            return false;
        out.host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
        if (!is_ipv6(out.host))
            return false;
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        out.host = authority.substr(0, colon);
        port = authority.substr(colon);
        if (!is_host_name(out.host))
            return false;
    }
    std::ranges::transform(out.host, out.host.begin(), lower_case);
    if (port.empty())
        return true;
    const char* const end = port.data() + port.size();
    const auto [at, error] = std::from_chars(port.data() + 1, end, out.port);
    return port.front() == ':' && error == std::errc{} && at == end && out.port != 0;
}

// A prefix for the path of every request. It is sent as it stands, so it holds nothing that would
// have to be escaped, or that a server might resolve.
bool is_base_path(std::string_view path)
{
    if (path.find("//") != path.npos || path.find("/.") != path.npos)
        return false;
    return std::ranges::all_of(path, [](char c) {
        return is_letter_or_digit(c) || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
    });
}

}  // namespace

result<endpoint_settings> parse_endpoint(const config_text& value)
{
    constexpr std::string_view secure = "https://";
    constexpr std::string_view plain = "http://";
    endpoint_settings out;
    std::string_view rest = value.text;
    if (rest.size() > url_bytes_max)
        return fault{"it is too long for a URL such as https://api.batch.com"};
    out.tls = rest.starts_with(secure);
    if (!out.tls && !rest.starts_with(plain))
        return fault{"it must begin with https://, such as https://api.batch.com"};
    rest.remove_prefix(out.tls ? secure.size() : plain.size());
    out.port = out.tls ? 443 : 80;

    if (rest.find_first_of("?#") != rest.npos)
        return fault{"a query or a fragment is not possible; remove what begins with ? or #"};
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view authority = rest.substr(0, slash);
    if (authority.find('@') != authority.npos)
        return fault{"a user or password is not possible; remove what stands before the @"};
    if (!split_authority(authority, out))
        return fault{
            "behind https:// comes a host, and a port if need be: host, host:port, [::1]:port"};

    std::string_view path = rest.substr(slash);
    if (looks_like_secret(path))
        return fault{
            "its path seems to hold a key; write the server only, the daemon adds the rest"};
    if (!is_base_path(path))
        return fault{"its path may hold A-Z a-z 0-9 - _ . ~ and single slashes only"};
    if (path.ends_with('/'))
        path.remove_suffix(1);
    out.base_path = path;

    if (!out.tls && !is_loopback(out.host))
        return fault{
            "http:// would send the keys in the clear; write https:// (http:// is for loopback)"};
    out.url = value.text;
    return out;
}

bool is_loopback(std::string_view host)
{
    const std::string name{host};
    return host == "localhost" || (is_ipv4(name) && host.starts_with("127.")) ||
           (is_ipv6(name) && [&name] {
               in6_addr address{};
               ::inet_pton(AF_INET6, name.c_str(), &address);
               return IN6_IS_ADDR_LOOPBACK(&address);
           }());
}

}  // namespace reaper
