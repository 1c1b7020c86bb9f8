// Any text as one of the JSON files of the spool: what can be read is written in a form that reads
// back the same, so a daemon never writes a state that the next one refuses (docs/journal.md).

#include "feed_plan.hpp"
#include "reaper/app/status_file.hpp"
#include "reaper/io/control_files.hpp"
#include "reaper/io/job_files.hpp"
#include "reaper/io/spool_state.hpp"

#include <array>

namespace reaper::fuzz {
namespace {

template <class Parse, class Render>
void check(std::string_view text, Parse parse, Render render)
{
    const auto read = parse(text);
    if (!read) {
        must(!read.error().sentence.empty(), "a fault has a sentence");
        return;
    }
    const std::string written = render(*read);
    const auto again = parse(written);
    must(again.has_value(), "what is written can be read");
    if constexpr (requires { *read == *again; })
        must(render(*again) == written && *read == *again, "and reads the same");
    else
        must(render(*again) == written, "and reads the same");
}

void check_control(std::string_view text, unsigned variant)
{
    static constexpr std::array orders = {
        job_order::hold, job_order::release, job_order::cancel, job_order::prioritize};
    control_request request;
    request.order = orders[variant % orders.size()];
    if (!parse_control(text, request))
        return;
    must(request.order == job_order::prioritize || !request.prio, "only one order has a priority");
    must(request.order != job_order::prioritize || request.prio, "which it must say");
    must(request.order == job_order::release || request.holds.empty(), "only one names holds");
    must(request.by.size() <= 64, "a name is bounded");
}

}  // namespace
}  // namespace reaper::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace reaper;
    using namespace reaper::fuzz;
    const feed_plan plan(data, size);
    switch (plan.variant() % 8) {
        case 0:
            check(plan.text(), parse_manifest, render_manifest);
            break;
        case 1:
            check(plan.text(), parse_job_state, render_job_state);
            break;
        case 2:
            check(plan.text(), parse_rejection, render_rejection);
            break;
        case 3:
            check(plan.text(), parse_origin, render_origin);
            break;
        case 4:
            check(plan.text(), parse_limit, render_limit);
            break;
        case 5:
            check(plan.text(), parse_status, render_status);
            break;
        case 6:
            check_control(plan.text(), plan.variant() / 8);
            break;
        default:
            // A summary is for people: its figures are rounded when they are written.
            (void)parse_summary(plan.text());
            break;
    }
    return 0;
}
