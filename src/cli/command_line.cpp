#include "reaper/cli/command_line.hpp"

#include "reaper/base/text.hpp"
#include "reaper/base/units.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/cli/load_settings.hpp"
#include "reaper/cli/submit_flags.hpp"
#include "reaper/daemon/daemon.hpp"
#include "request.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

namespace {

void add_daemon_commands(CLI::App& app, request& asked)
{
    CLI::App& run = *app.add_subcommand("run", "Run the daemon in the foreground");
    teach(
        run,
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
    teach(
        once,
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
    teach(
        sub,
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
    add_spool_commands(app, asked, io);
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

// CLI11 says that a command is missing where one is mistyped.
void say_unknown_command(const CLI::App& app, std::ostream& err)
{
    const std::vector<std::string> rest = app.remaining();
    const auto word = std::find_if(rest.begin(), rest.end(), [](const std::string& each) {
        return !each.starts_with('-');
    });
    if (word == rest.end() || !app.get_subcommands().empty())
        return;
    std::vector<std::string> commands;
    for (const CLI::App* sub : app.get_subcommands({}))
        commands.push_back(sub->get_name());
    const std::string_view near = nearest(*word, {commands.begin(), commands.end()});
    err << fmt::format(
        "There is no command '{}'{}\n",
        presentable(*word, {}, 40),
        near.empty() ? "" : fmt::format(": did you mean {}?", near)
    );
}

}  // namespace

void teach(CLI::App& sub, std::string text)
{
    sub.footer(text + "\n\n--config FILE and --version may stand behind every command.");
}

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
        say_unknown_command(app, io.err);
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
