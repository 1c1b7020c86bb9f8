#include "reaper/cli/submit_flags.hpp"

#include "request.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace reaper {

namespace {

constexpr const char* time_placeholder = "TIME";
constexpr const char* number_placeholder = "N";

// What a placeholder of the help stands for.
std::string spelt_out(const std::string& placeholder)
{
    if (placeholder == time_placeholder)
        return "a time with a zone, as in 2026-11-22T20:30:00+01:00";
    if (placeholder == number_placeholder)
        return "a whole number";
    return "one of " + placeholder;
}

// A flag whose text `parse` turns into a value, or says no to.
template <class Value>
CLI::Option* add_parsed(
    CLI::App& sub,
    const std::string& name,
    std::optional<Value>& to,
    std::optional<Value> (*parse)(std::string_view),
    const std::string& expected,
    const std::string& help
)
{
    const auto store = [&to, parse, name, expected](const std::string& text) {
        to = parse(text);
        if (!to)
            throw CLI::ValidationError(name, "must be " + spelt_out(expected));
    };
    return sub.add_option_function<std::string>(name, store, help)->type_name(expected);
}

void add_true(
    CLI::App& sub, const std::string& name, std::optional<bool>& to, const std::string& help
)
{
    sub.add_flag_callback(
        name, [&to] { to = true; }, help
    );
}

void add_input_flags(CLI::App& sub, submit_options& asked)
{
    sub.add_option("files", asked.files, "Job files, or - for standard input")
        ->type_name("FILE")
        ->required();
    add_parsed(
        sub,
        "--format",
        asked.format,
        parse_job_format,
        "text|csv|json|jsonl",
        "The format of the file, if its extension does not tell"
    );
    sub.add_option("--name", asked.name, "The name in the job id, instead of the file's")
        ->type_name("NAME");
    sub.add_flag("--wait", asked.wait, "Show the progress until the job has ended");
}

// A count: digits only. "-1" is none, and neither is "1e3".
std::optional<std::uint64_t> parse_count(std::string_view text)
{
    std::uint64_t count = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, count);
    return failed == std::errc() && stop == end ? std::optional(count) : std::nullopt;
}

void add_option_flags(CLI::App& sub, job_options& options)
{
    sub.add_option("--account", options.account, "The account to delete in")->type_name("NAME");
    add_parsed(
        sub,
        "--kind",
        options.kind,
        parse_campaign_kind,
        "campaigns|in-app-campaigns",
        "What the tokens name; must fit the account"
    );
    add_parsed(
        sub,
        "--priority",
        options.prio,
        parse_priority,
        "urgent|normal|bulk",
        "Which jobs of the account go first"
    );
    add_true(sub, "--dry-run", options.dry_run, "Delete nothing, say what would be deleted");
    add_true(sub, "--hold", options.hold, "Send nothing until the job is released");
    add_parsed(
        sub,
        "--hold-after",
        options.hold_after,
        parse_count,
        number_placeholder,
        "Delete N, then hold once"
    );
    add_parsed(
        sub,
        "--max-deletes",
        options.max_deletes,
        parse_count,
        number_placeholder,
        "Reject the file if it has more tokens"
    );
    add_parsed(
        sub,
        "--count",
        options.count,
        parse_count,
        number_placeholder,
        "Reject the file unless it has exactly N tokens"
    );
    add_parsed(
        sub,
        "--not-before",
        options.not_before,
        parse_rfc3339,
        time_placeholder,
        "Send nothing before, e.g. 2026-11-22T20:30:00+01:00"
    );
    add_parsed(
        sub, "--deadline", options.deadline, parse_rfc3339, time_placeholder, "Send nothing after"
    );
    sub.add_option("--label", options.label, "A word for people, shown by status");
    sub.add_option("--retry-of", options.retry_of, "The job whose leftover this is")
        ->type_name("JOB");
}

}  // namespace

void add_submit_flags(CLI::App& sub, submit_options& asked)
{
    add_input_flags(sub, asked);
    add_option_flags(sub, asked.options);
    teach(
        sub,
        "Flags are written into the file's own place for options; one that contradicts what the\n"
        "file says is an error. The file is checked first: if it cannot be a job, nothing is\n"
        "published.\n\n"
        "Examples:\n"
        "  campaign-reaper submit --dry-run old.txt\n"
        "  campaign-reaper submit --hold-after 10 --label spring old.csv\n"
        "  grep -v keep tokens.txt | campaign-reaper submit --name cleaned -\n"
        "  campaign-reaper submit --wait old.txt && echo all gone\n\n"
        "Exit status: 0 published (--wait: every token deleted, already gone, a duplicate or in a\n"
        "dry run); 1 not; 2 usage."
    );
}

}  // namespace reaper
