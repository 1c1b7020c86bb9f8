// Any text as the configuration, beside a few environment variables: there is a configuration or
// there are faults, each with a place and a sentence that can be shown (SPEC 8, P6, P8).

#include "feed_plan.hpp"
#include "reaper/base/text.hpp"
#include "reaper/io/config_yaml.hpp"

#include <algorithm>
#include <array>

namespace reaper::fuzz {
namespace {

// What a variable holds is never shown.
constexpr std::string_view secret = "9d2f7c1be4a05836qXz";

const environment_map& environment_of(unsigned variant)
{
    static const std::array<environment_map, 3> all = {
        environment_map{{"KEY", std::string(secret)}, {"PATH", "/usr/bin"}},
        environment_map{
            {"KEY", std::string(secret)},
            {"CAMPAIGN_REAPER__LOG__LEVEL", "debug"},
            {"CAMPAIGN_REAPER__ACCOUNTS__PROD__PACE", "10/s"}},
        environment_map{
            {"KEY", std::string(secret)},
            {"CAMPAIGN_REAPER__SPOOL", "/tmp/spool"},
            {"CAMPAIGN_REAPER__NO__SUCH", "x"}}};
    return all[variant % all.size()];
}

bool can_be_shown(std::string_view text)
{
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

void check_fault(const config_fault& fault, int lines)
{
    must(fault.line >= 0 && fault.line <= lines, "a fault lies in the file");
    must(fault.column >= 0, "a column is one");
    must(!fault.sentence.empty() && can_be_shown(fault.sentence), "a fault can be shown");
    must(fault.sentence.find(secret) == fault.sentence.npos, "a fault shows no variable");
    must(describe(fault).size() < 2000, "a fault is short");
}

void check_settings(const settings& read)
{
    must(!read.spool.empty() && read.spool.front() == '/', "the spool is a path");
    must(!read.accounts.empty(), "there is an account");
    must(
        read.default_account.empty() || read.accounts.contains(read.default_account),
        "the default account is one"
    );
    for (const auto& [name, account] : read.accounts) {
        must(account.name == name, "an account has its name");
        must(account.connections > 0 && account.max_window > 0, "an account can send");
        must(account.timeout > duration::zero(), "a timeout is some time");
        must(!account.pace_per_s || *account.pace_per_s > 0, "a pace is more than none");
        must(
            account.endpoint.tls || account.endpoint.host == "localhost" ||
                account.endpoint.host.starts_with("127.") || account.endpoint.host == "::1",
            "without TLS only to this machine"
        );
        must(account.retry.base <= account.retry.cap, "retries grow");
    }
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    const std::string_view text = plan.text();
    if (text.find(secret) != text.npos)
        return 0;
    const auto read = reaper::read_config_text(text, "config.yaml", environment_of(plan.variant()));
    must(read.value.has_value() == read.faults.empty(), "a configuration, or faults");
    const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) +
                       static_cast<int>(std::count(text.begin(), text.end(), '\r')) + 1;
    for (const auto& fault : read.faults)
        check_fault(fault, lines + 1);
    if (read.value)
        check_settings(*read.value);
    return 0;
}
