#include "reaper/base/text.hpp"
#include "reaper/cli/load_settings.hpp"
#include "request.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace reaper {

namespace {

using spool_command = exit_status (*)(const request&, const spool_paths&, console&);

// A command that needs no more of the configuration than where the spool is.
void runs_on_spool(CLI::App& app, request& asked, console& io, spool_command run)
{
    app.callback([&asked, &io, run] {
        asked.run = [&asked, &io, run] {
            const auto spool = load_spool(asked.config_path, io.err);
            return static_cast<int>(
                spool ? run(asked, spool_paths(*spool), io) : exit_status::configuration
            );
        };
    });
}

void add_status(CLI::App& app, request& asked, console& io)
{
    CLI::App& sub = *app.add_subcommand("status", "Show jobs, their progress, and why any waits");
    sub.add_option("job", asked.status.job, "A job id, or a part that names only one job")
        ->type_name("JOB");
    sub.add_flag("--watch", asked.status.watch, "Show it again every second, until Ctrl-C");
    sub.add_flag("--json", asked.status.json, "Print JSON, for programs");
    teach(
        sub,
        "Examples:\n"
        "  campaign-reaper status\n"
        "  campaign-reaper status --watch\n"
        "  campaign-reaper status 3f2a --json\n"
        "Exits 3 if there is no such job."
    );
    runs_on_spool(sub, asked, io, [](const request& r, const spool_paths& spool, console& c) {
        return show_status(r.status, spool, c);
    });
}

results_format parse_results_format(const std::string& text)
{
    if (text == "jsonl")
        return results_format::jsonl;
    if (text == "csv")
        return results_format::csv;
    if (text == "tokens")
        return results_format::tokens;
    throw CLI::ValidationError("--format", "must be jsonl, csv or tokens");
}

outcome parse_named_outcome(const std::string& text)
{
    if (const auto value = parse_outcome(text))
        return *value;
    std::vector<std::string_view> names;
    for (const outcome o : all_outcomes)
        names.push_back(to_string(o));
    const std::string_view near = nearest(text, names);
    throw CLI::ValidationError(
        "--outcome",
        near.empty() ? fmt::format("outcomes are {}", fmt::join(names, ", "))
                     : fmt::format("did you mean {}?", near)
    );
}

void add_results(CLI::App& app, request& asked, console& io)
{
    CLI::App& sub = *app.add_subcommand("results", "Print what became of each token of a job");
    sub.add_option("job", asked.results.job, "A job id, or a part that names only one job")
        ->type_name("JOB")
        ->required();
    sub.add_option_function<std::vector<std::string>>(
           "--outcome",
           [&asked](const std::vector<std::string>& names) {
               for (const auto& name : names)
                   asked.results.outcomes.push_back(parse_named_outcome(name));
           },
           "Only these, separated by commas"
    )
        ->delimiter(',')
        ->type_name("OUTCOME");
    sub.add_option_function<std::string>(
           "--format",
           [&asked](const std::string& text) { asked.results.format = parse_results_format(text); },
           "How to print them (default: jsonl)"
    )
        ->type_name("jsonl|csv|tokens");
    sub.add_flag("--follow", asked.results.follow, "Print new results until the job ends");
    teach(
        sub,
        "Examples:\n"
        "  campaign-reaper results 3f2a --outcome not_found,refused --format csv > look.csv\n"
        "  campaign-reaper results 3f2a --outcome unknown --format tokens > again.txt\n"
        "Outcomes: deleted already_gone not_found refused unknown expired cancelled invalid\n"
        "duplicate would_delete\n"
        "Exits 3 if there is no such job, 1 if it was rejected."
    );
    runs_on_spool(sub, asked, io, [](const request& r, const spool_paths& spool, console& c) {
        return show_results(r.results, spool, c);
    });
}

void add_order(
    CLI::App& app,
    request& asked,
    console& io,
    job_order verb,
    const char* name,
    const char* description,
    const char* footer
)
{
    CLI::App& sub = *app.add_subcommand(name, description);
    sub.add_option("job", asked.order.job, "A job id, or a part that names only one job")
        ->type_name("JOB")
        ->required();
    teach(sub, footer);
    sub.preparse_callback([&asked, verb](std::size_t) { asked.order.order = verb; });
    runs_on_spool(sub, asked, io, [](const request& r, const spool_paths& spool, console& c) {
        return give_order(r.order, spool, c);
    });
}

void add_orders(CLI::App& app, request& asked, console& io)
{
    add_order(
        app,
        asked,
        io,
        job_order::hold,
        "hold",
        "Stop sending for a job until it is released",
        "What is in flight is awaited. Without a running daemon it takes effect at its next start."
    );
    add_order(
        app,
        asked,
        io,
        job_order::release,
        "release",
        "Lift the holds of a job",
        "Lifts the holds that are there now, and says which: one that comes later stays."
    );
    add_order(
        app,
        asked,
        io,
        job_order::cancel,
        "cancel",
        "End a job: what was not sent never will be",
        "What was deleted stays deleted. The rest is recorded as cancelled, and is in\n"
        "<spool>/done/<job>/ as a file that can be submitted again."
    );
}

void add_health(CLI::App& app, request& asked, console& io)
{
    CLI::App& sub = *app.add_subcommand("health", "Tell whether the daemon is alive, in one line");
    teach(sub, "Exits 0 if it is, 1 if it runs but is stuck, 69 if it does not run.");
    runs_on_spool(sub, asked, io, [](const request&, const spool_paths& spool, console& c) {
        return health(spool, c);
    });
}

}  // namespace

void add_spool_commands(CLI::App& app, request& asked, console& io)
{
    add_status(app, asked, io);
    add_results(app, asked, io);
    add_orders(app, asked, io);
    add_health(app, asked, io);
}

}  // namespace reaper
