// batch-audit: compares the ledger of batch-sandbox with the results logs of the daemon.

#include "reaper/base/units.hpp"
#include "sandbox/audit.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace {

constexpr int exit_violations = 1;
constexpr int exit_usage = 2;

constexpr const char* description =
    "Compares what batch-sandbox saw with what campaign-reaper recorded, token by token.\n"
    "\n"
    "  unproven        a token is recorded as deleted, but no request deleted it and was answered "
    "2xx\n"
    "  record-count    a token line has no record (ended jobs), two, or that of another line\n"
    "  stranger        a token was requested that no job in active or done names\n"
    "  wrong-404       not_found for a token that was deleted, or never answered 404\n"
    "  unfounded-gone  already_gone without an earlier request whose answer may have been lost\n"
    "  unrecorded      deleted, but recorded neither as deleted, already_gone nor unknown\n"
    "  dry-run-sent    a token that only dry runs name was requested\n"
    "  silence         a request came within the silence after a 429\n"
    "  wrong-sum       job.json or summary.json disagree with the input or the records\n"
    "  unreadable      a line or file that is not what it should be\n"
    "\n"
    "The last line is 'audit: ok' (exit status 0) or 'audit: N violations' (1).";

// The value of an option that was written as a duration.
reaper::duration duration_of(const std::string& text, const char* option)
{
    const auto parsed = reaper::parse_duration(text);
    if (!parsed)
        throw std::runtime_error(std::string(option) + ": " + parsed.error().sentence);
    return *parsed;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App app(description);
    sandbox::audit_options options;
    std::string silence = "5s";
    std::string round_trip = "50ms";
    std::string shape = "auto";
    app.set_version_flag("--version", "batch-audit " SANDBOX_VERSION);
    app.add_option("--ledger", options.ledgers, "ledger of batch-sandbox; repeatable")->required();
    app.add_option("--spool", options.spool, "spool of the daemon: its active and done jobs");
    app.add_option("--job", options.jobs, "folder of a further job; repeatable");
    app.add_option("--silence", silence, "after a 429")->capture_default_str();
    app.add_option("--rtt", round_trip, "how long a request may have been under way")
        ->capture_default_str();
    app.add_flag("--crashed", options.crashed, "the daemon was killed: last lines may be torn");
    app.add_option("--token-shape", shape, "auto: 32 hexadecimal digits; any: any token")
        ->check(CLI::IsMember({"auto", "any"}))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }

    try {
        options.silence = duration_of(silence, "--silence");
        options.round_trip = duration_of(round_trip, "--rtt");
        options.any_token_shape = shape == "any";
        const auto report = sandbox::run_audit(options);
        if (!report)
            throw std::runtime_error(report.error().sentence);
        std::cout << sandbox::render(*report) << std::flush;
        return report->violation_count() == 0 ? 0 : exit_violations;
    } catch (const std::exception& error) {
        std::cerr << "batch-audit: " << error.what() << '\n';
        return exit_usage;
    }
}
