#include "sandbox/fault_source.hpp"

#include <utility>

namespace sandbox {

fault_source::fault_source(fault_options options, std::uint64_t seed)
    : options_(std::move(options)), engine_(seed)
{
}

std::optional<fault_kind> fault_source::draw()
{
    if (options_.rules.empty() || ++seen_ <= options_.after || struck_ >= options_.count)
        return std::nullopt;

    // 53 random bits make a double in [0, 1): the same on every machine, unlike the standard's
    // distributions, so that a seed found here can be replayed anywhere.
    double left = static_cast<double>(engine_() >> 11) * 0x1.0p-53;
    for (const auto& rule : options_.rules) {
        if (left < rule.probability) {
            ++struck_;
            return rule.kind;
        }
        left -= rule.probability;
    }
    return std::nullopt;
}

std::uint64_t fault_source::below(std::uint64_t below)
{
    return below == 0 ? 0 : engine_() % below;
}

void fault_source::replace(fault_options options)
{
    options_ = std::move(options);
    seen_ = 0;
    struck_ = 0;
}

}  // namespace sandbox
