#include "reaper/cli/command_line.hpp"

#include "reaper/base/text.hpp"
#include "reaper/base/units.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/cli/load_settings.hpp"
#include "reaper/cli/submit_flags.hpp"
#include "reaper/daemon/daemon.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace reaper {

namespace {

constexpr const char* default_config = "/etc/campaign-reaper/config.yaml";

// What the command line asks, filled while it is parsed. `run` is set by the one sub-command.
struct request
{
    std::string config_path = default_config;
    std::function<int()> run;
    duration max_wait = std::chrono::minutes(10);
    check_options check;
    submit_options submit;
    status_options status;
    results_options results;
    order_options order;
};

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

void add_daemon_commands(CLI::App& app, request& asked)
{
    CLI::App& run = *app.add_subcommand("run", "Run the daemon in the foreground");
    run.footer(
        "Takes job files from <spool>/incoming/ and deletes what they name, until SIGTERM or\n"
        "SIGINT: then it drains what is in flight and stops. SIGHUP reads the configuration again."
    );
    run.callback([&asked] { asked.run = [&asked] { return run_daemon(asked.config_path); }; });

    CLI::App& once = *app.add_subcommand("once", "Finish the jobs that are there now, and exit");
    once.add_option_function<std::string>(
            "--max-wait",
            [&asked](const std::string& text) {
                const auto value = parse_duration(text);
                if (!value)
                    throw CLI::ValidationError("--max-wait", value.error().sentence);
                asked.max_wait = *value;
            },
            "Give up after this time without progress (default: 10min)"
    )
        ->type_name("DURATION");
    once.footer(
        "For cron, CI and Kubernetes Jobs. Exits 0 if every token was deleted, already gone, a\n"
        "duplicate or (dry run) would be deleted; 1 if some were not; 75 if something must wait\n"
        "for a person, a key or a later time."
    );
    once.callback([&asked] {
        asked.run = [&asked] { return run_once(asked.config_path, asked.max_wait); };
    });
}

void add_check(CLI::App& app, request& asked, console& io)
{
    CLI::App& sub = *app.add_subcommand("check", "Validate the configuration, all faults at once");
    sub.add_flag(
        "--connect",
        asked.check.connect,
        "Also resolve, connect, verify TLS and make one harmless GET per account"
    );
    sub.footer(
        "Exits 78 if the configuration, a key file or a token list has a fault, 1 if --connect\n"
        "found that an account cannot work."
    );
    sub.callback([&asked, &io] {
        asked.run = [&asked, &io] {
            return static_cast<int>(check(asked.check, asked.config_path, io));
        };
    });
}

void add_submit(CLI::App& app, request& asked, console& io)
{
    CLI::App& sub = *app.add_subcommand("submit", "Publish job files and print their job ids");
    add_submit_flags(sub, asked.submit);
    sub.callback([&asked, &io] {
        asked.run = [&asked, &io] {
            const auto config = load_settings(asked.config_path, io.err);
            return static_cast<int>(
                config ? submit(asked.submit, *config, io) : exit_status::configuration
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
    sub.footer(
        "Examples:\n"
        "  campaign-reaper status\n"
        "  campaign-reaper status --watch\n"
        "  campaign-reaper status 3f2a --json"
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
        ->type_name("OUTCOME,...");
    sub.add_option_function<std::string>(
           "--format",
           [&asked](const std::string& text) { asked.results.format = parse_results_format(text); },
           "How to print them (default: jsonl)"
    )
        ->type_name("jsonl|csv|tokens");
    sub.add_flag("--follow", asked.results.follow, "Print new results until the job ends");
    sub.footer(
        "Examples:\n"
        "  campaign-reaper results 3f2a --outcome not_found,refused --format csv > look.csv\n"
        "  campaign-reaper results 3f2a --outcome unknown --format tokens > again.txt\n"
        "Outcomes: deleted already_gone not_found refused unknown expired cancelled invalid\n"
        "duplicate would_delete"
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
    sub.footer(footer);
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
    sub.footer("Exits 0 if it is, 1 if it runs but is stuck, 69 if it does not run.");
    runs_on_spool(sub, asked, io, [](const request&, const spool_paths& spool, console& c) {
        return health(spool, c);
    });
}

// Commands of a later version: a clear word is better than "unknown argument".
void add_refused(CLI::App& app, request& asked, console& io, const char* name, const char* instead)
{
    CLI::App& sub = *app.add_subcommand(name, "");
    sub.group("")->allow_extras()->fallthrough(false);  // not listed; whatever follows
    sub.callback([&asked, &io, name, instead] {
        asked.run = [&io, name, instead] {
            io.err << fmt::format(
                "campaign-reaper: this version has no '{}' yet. {}\n", name, instead
            );
            return static_cast<int>(exit_status::usage);
        };
    });
}

void add_all_commands(CLI::App& app, request& asked, console& io)
{
    add_daemon_commands(app, asked);
    add_check(app, asked, io);
    add_submit(app, asked, io);
    add_status(app, asked, io);
    add_results(app, asked, io);
    add_orders(app, asked, io);
    add_health(app, asked, io);
    add_refused(
        app,
        asked,
        io,
        "retry",
        "Submit the file remaining.txt of the job's folder in <spool>/done/ instead."
    );
    add_refused(
        app,
        asked,
        io,
        "prioritize",
        "Cancel the job and submit what remains of it with --priority instead."
    );
    add_refused(
        app,
        asked,
        io,
        "list",
        "Export the tokens from the dashboard, or from the API's own list call, whose answer is a "
        "job file as it is."
    );
}

}  // namespace

int run_command_line(int argc, const char* const* argv, console& io)
{
    CLI::App app("campaign-reaper deletes Batch (batch.com) campaigns in bulk.", "campaign-reaper");
    request asked;
    app.add_option("--config", asked.config_path, "The configuration file")
        ->type_name("FILE")
        ->envname("CAMPAIGN_REAPER_CONFIG")
        ->capture_default_str();
    app.set_version_flag("--version", "campaign-reaper " REAPER_VERSION);
    // `status --config x` as well as `--config x status`.
    app.fallthrough()->require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  campaign-reaper check\n"
        "  campaign-reaper submit --dry-run old-campaigns.txt\n"
        "  campaign-reaper submit --wait --account prod old-campaigns.csv\n"
        "  campaign-reaper status --watch\n"
        "Each command has its own --help.\n\n"
        "Exit status: 0 all well; 1 some tokens were not deleted, or a job was rejected; 2 usage;\n"
        "3 no such job; 69 the daemon is not running (health); 75 try again later;\n"
        "78 configuration."
    );
    add_all_commands(app, asked, io);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const bool answered = app.exit(e, io.out, io.err) == 0;  // --help, --version
        return static_cast<int>(answered ? exit_status::ok : exit_status::usage);
    }
    try {
        return asked.run();
    } catch (const std::exception& e) {
        io.err << "campaign-reaper: " << e.what() << '\n';
        return static_cast<int>(exit_status::failed);
    }
}

}  // namespace reaper
