#include "reaper/cli/load_settings.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <exception>
#include <ostream>

namespace reaper {

namespace {

constexpr const char* spool_override = "CAMPAIGN_REAPER__SPOOL";

// The spool that a file with faults names all the same; empty if it does not, or not plainly.
std::string salvage_spool(const std::string& path, const environment_map& environment)
{
    const auto overridden = environment.find(spool_override);
    if (overridden != environment.end())
        return overridden->second;
    // yaml-cpp throws on a file that it cannot read; the faults have said so already.
    try {
        const YAML::Node root = YAML::LoadFile(path);
        if (!root.IsMap() || !root["spool"] || !root["spool"].IsScalar())
            return {};
        const std::string spool = root["spool"].Scalar();
        return spool.starts_with('/') && spool.find('$') == std::string::npos ? spool : "";
    } catch (const std::exception&) {
        return {};
    }
}

}  // namespace

void print_faults(const config_outcome& read, std::ostream& err)
{
    for (const config_fault& fault : read.faults)
        err << describe(fault) << '\n';
    for (const config_fault& warning : read.warnings)
        err << "warning: " << describe(warning) << '\n';
}

std::optional<settings> load_settings(const std::string& path, std::ostream& err)
{
    config_outcome read = read_config(path, process_environment());
    if (!read.value)
        print_faults(read, err);
    return std::move(read.value);
}

std::optional<std::string> load_spool(const std::string& path, std::ostream& err)
{
    const environment_map environment = process_environment();
    const config_outcome read = read_config(path, environment);
    if (read.value)
        return read.value->spool;
    const std::string spool = salvage_spool(path, environment);
    if (spool.empty()) {
        print_faults(read, err);
        return std::nullopt;
    }
    err << fmt::format(
        "warning: the configuration has {} fault{}, see: campaign-reaper check; the spool is {}\n",
        read.faults.size(),
        read.faults.size() == 1 ? "" : "s",
        spool
    );
    return spool;
}

}  // namespace reaper
