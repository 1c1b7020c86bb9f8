#include "reaper/core/admission.hpp"

#include "reaper/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace reaper {

namespace {

std::string list_of_accounts(const settings& config)
{
    std::string names;
    for (const auto& [name, account] : config.accounts)
        names += (names.empty() ? "" : ", ") + name;
    return names.empty() ? "none" : names;
}

fault unknown_account(const settings& config, std::string_view name)
{
    std::vector<std::string_view> known;
    for (const auto& [account, unused] : config.accounts)
        known.push_back(account);
    const auto near = nearest(name, known);
    return fault{fmt::format(
        "there is no account \"{}\" in the configuration{}: the accounts are {}",
        presentable(name, {}, 80),
        near.empty() ? "" : fmt::format(" (did you mean \"{}\"?)", near),
        list_of_accounts(config)
    )};
}

std::string lines_sentence(const job_census& census)
{
    std::string text = census.invalid_lines.size() == 1 ? "line " : "lines ";
    for (std::size_t i = 0; i < census.invalid_lines.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(census.invalid_lines[i]);
    if (census.invalid > census.invalid_lines.size())
        text += ", ...";
    return text;
}

// Why the job is rejected, or empty.
std::string rejection_of(
    const account_settings& account, const job_options& options, const job_census& census
)
{
    if (options.kind && *options.kind != account.kind) {
        return fmt::format(
            "the job says kind {}, but account \"{}\" has kind {}: name the account that has it",
            to_string(*options.kind),
            account.name,
            to_string(account.kind)
        );
    }
    if (census.invalid > account.guards.max_invalid) {
        return fmt::format(
            "{} of {} lines {} not a token ({}), and max_invalid is {}: mend {}, or it is the "
            "wrong "
            "file",
            census.invalid,
            census.total,
            census.invalid == 1 ? "is" : "are",
            lines_sentence(census),
            account.guards.max_invalid,
            census.invalid == 1 ? "it" : "them"
        );
    }
    if (census.distinct() == 0)
        return "no line of the file is a token: there is nothing to delete";
    const auto tokens = census.total - census.invalid;
    if (options.count && *options.count != tokens) {
        return fmt::format(
            "the job says count: {}, but the file has {} token{}: it was cut, or changed after it "
            "was "
            "counted",
            *options.count,
            tokens,
            tokens == 1 ? "" : "s"
        );
    }
    const auto max_deletes = effective_max_deletes(account.guards, options);
    if (census.distinct() > max_deletes) {
        return fmt::format(
            "the job would delete {} campaigns, and max_deletes is {}: split the file, or raise it "
            "in "
            "the {}",
            census.distinct(),
            max_deletes,
            max_deletes == account.guards.max_deletes ? "configuration" : "job"
        );
    }
    return {};
}

}  // namespace

result<const account_settings*> choose_account(
    const settings& config, std::string_view folder, const job_options& options
)
{
    std::string name{folder};
    if (!folder.empty() && options.account && *options.account != folder) {
        return fault{fmt::format(
            "the job says account \"{}\", but it was dropped in the folder of \"{}\", which "
            "decides: "
            "drop it in incoming/{} or in incoming",
            presentable(*options.account, {}, 80),
            folder,
            presentable(*options.account, {}, 80)
        )};
    }
    if (name.empty())
        name = options.account.value_or(config.default_account);
    if (name.empty()) {
        return fault{fmt::format(
            "the job names no account, and the configuration has no default_account: drop it in "
            "incoming/<account>, or say \"account:\" in it (the accounts are {})",
            list_of_accounts(config)
        )};
    }
    const auto found = config.accounts.find(name);
    if (found == config.accounts.end())
        return unknown_account(config, name);
    return &found->second;
}

admission admit(
    const std::string& job_id,
    const account_settings& account,
    const job_options& options,
    const job_census& census,
    const std::string& earlier_job,
    wall_time now
)
{
    admission decided;
    decided.dry_run = account.guards.dry_run || options.dry_run.value_or(false);
    decided.rejection = rejection_of(account, options, census);
    if (!decided.rejection.empty())
        return decided;

    const auto hold_for = [&](hold_cause cause, std::string reason) {
        reason += fmt::format(
            ". Look, then: campaign-reaper release {0} (or: campaign-reaper cancel {0})", job_id
        );
        decided.holds.push_back(
            {.id = decided.holds.size() + 1,
             .cause = cause,
             .reason = std::move(reason),
             .since = now}
        );
    };
    if (options.hold.value_or(false))
        hold_for(hold_cause::option, "the job file asks for it with hold: true");
    // A dry run deletes nothing: these two guards have nothing to guard in it.
    if (decided.dry_run)
        return decided;
    if (account.guards.hold_above && census.distinct() > *account.guards.hold_above) {
        hold_for(
            hold_cause::hold_above,
            fmt::format(
                "it would delete {} campaigns, more than hold_above ({})",
                census.distinct(),
                *account.guards.hold_above
            )
        );
    }
    if (!earlier_job.empty() && !options.retry_of)
        hold_for(hold_cause::same_file, fmt::format("same file as job {}", earlier_job));
    return decided;
}

std::uint64_t effective_max_deletes(const guard_settings& guards, const job_options& options)
{
    return std::min(guards.max_deletes, options.max_deletes.value_or(guards.max_deletes));
}

std::optional<std::uint64_t> effective_hold_after(
    const guard_settings& guards, const job_options& options
)
{
    if (!guards.hold_after || !options.hold_after)
        return guards.hold_after ? guards.hold_after : options.hold_after;
    return std::min(*guards.hold_after, *options.hold_after);
}

}  // namespace reaper
