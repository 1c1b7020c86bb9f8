#include "reaper/io/request_template.hpp"

#include "reaper/io/keyed_hash.hpp"

namespace reaper {

namespace {

std::string host_field(const endpoint_settings& endpoint)
{
    const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
    std::string field = is_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
    const std::uint16_t usual = endpoint.tls ? 443 : 80;
    if (endpoint.port != usual)
        field += ":" + std::to_string(endpoint.port);
    return field;
}

}  // namespace

request_template::request_template(const account_settings& account, const account_secrets& keys)
{
    const std::string base = account.endpoint.base_path + "/" + account.version + "/" +
                             keys.api_key + "/" + std::string(to_string(account.kind));
    const std::string fields = " HTTP/1.1\r\nHost: " + host_field(account.endpoint) +
                               "\r\nX-Authorization: " + keys.rest_api_key +
                               "\r\nUser-Agent: campaign-reaper/" REAPER_VERSION "\r\n";
    const std::string rest = fields + "Content-Type: application/json\r\nContent-Length: 0\r\n\r\n";
    behind_ = usual_token_bytes + rest.size();
    with_blanks_ = "POST " + base + "/delete/" + std::string(usual_token_bytes, ' ') + rest;
    list_request_ = "GET " + base + "/list?limit=1" + fields + "\r\n";
}

std::string route_text(const account_settings& account, const account_secrets& keys)
{
    // Separated by what none of them may hold.
    return keys.api_key + "\n" + std::string(to_string(account.kind)) + "\n" + account.version +
           "\n" + account.endpoint.url;
}

std::string limit_id_of(
    const account_settings& account, const account_secrets& keys, std::string_view salt
)
{
    return account.shared_limit.empty() ? "key-" + keyed_hash(salt, keys.api_key)
                                        : "shared-" + account.shared_limit;
}

}  // namespace reaper
