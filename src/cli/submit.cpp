#include "reaper/base/text.hpp"
#include "reaper/cli/commands.hpp"
#include "reaper/cli/job_publisher.hpp"
#include "reaper/cli/job_wait.hpp"
#include "reaper/cli/render.hpp"
#include "reaper/core/admission.hpp"
#include "reaper/io/spool.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <ostream>
#include <random>
#include <utility>

namespace reaper {

namespace {

namespace fs = std::filesystem;

// Why a file is not published, and what the shell is told.
struct refusal
{
    exit_status status = exit_status::failed;
    std::string sentence;
};

template <class T>
using checked = boost::system::result<T, refusal>;

// What the file and the flags say together.
struct reconciled
{
    job_options added;          // said by a flag, not by the file
    job_options wanted;         // both
    std::string contradiction;  // the first option that they state differently
};

template <class Value>
void reconcile(
    std::string_view name,
    std::optional<Value> job_options::*option,
    const job_options& flags,
    reconciled& both
)
{
    const std::optional<Value>& flag = flags.*option;
    std::optional<Value>& wanted = both.wanted.*option;
    if (!flag || wanted == flag)
        return;
    if (wanted) {
        if (both.contradiction.empty())
            both.contradiction = name;
        return;
    }
    wanted = flag;
    both.added.*option = flag;
}

reconciled reconcile_all(const job_options& stated, const job_options& flags)
{
    reconciled both;
    both.wanted = stated;
    reconcile("account", &job_options::account, flags, both);
    reconcile("kind", &job_options::kind, flags, both);
    reconcile("priority", &job_options::prio, flags, both);
    reconcile("dry-run", &job_options::dry_run, flags, both);
    reconcile("hold", &job_options::hold, flags, both);
    reconcile("hold-after", &job_options::hold_after, flags, both);
    reconcile("max-deletes", &job_options::max_deletes, flags, both);
    reconcile("count", &job_options::count, flags, both);
    reconcile("not-before", &job_options::not_before, flags, both);
    reconcile("deadline", &job_options::deadline, flags, both);
    reconcile("label", &job_options::label, flags, both);
    reconcile("retry-of", &job_options::retry_of, flags, both);
    return both;
}

bool is_directory(const std::string& path)
{
    std::error_code fails;
    return fs::is_directory(path, fails);
}

// Turns one file after another into a staged job.
class submitter
{
public:
    submitter(const submit_options& asked, const settings& config, console& io)
        : asked_(asked), config_(config), io_(io), spool_(config.spool)
    {
    }

    [[nodiscard]] const spool_paths& spool() const { return spool_; }

    checked<staged_job> stage(const std::string& file)
    {
        const std::string name = name_of(file);
        const auto format = asked_.format ? asked_.format : format_of_file(name);
        if (!format) {
            return refusal{
                exit_status::usage,
                "its extension is not one of a job file: say --format text, csv, json or jsonl"};
        }
        const std::string directory = directory_for(asked_.options.account);
        auto input = open_input(file, io_.input, directory);
        if (!input)
            return refusal{exit_status::failed, input.error().sentence};
        const auto seen = read_job_file(*input, *format, nullptr);
        if (!seen)
            return refusal{exit_status::failed, seen.error().sentence};

        reconciled both = reconcile_all(seen->options, asked_.options);
        if (!both.contradiction.empty()) {
            return refusal{
                exit_status::usage,
                fmt::format(
                    "--{} contradicts what the file says itself: leave one of them out",
                    both.contradiction
                )};
        }
        const auto account = account_for(both.wanted);
        if (!account)
            return account.error();
        if (directory != spool_.incoming)
            both = without_account(std::move(both), seen->options);
        const std::string id = make_job_id(io_.now().wall, name, random_());
        return write(*input, *format, directory, id, both, *seen, **account);
    }

private:
    [[nodiscard]] std::string name_of(const std::string& file) const
    {
        if (!asked_.name.empty())
            return asked_.name;
        return file == "-" ? "stdin" : fs::path(file).filename().string();
    }

    // The account's own folder, if it is named by a flag and has one.
    [[nodiscard]] std::string directory_for(const std::optional<std::string>& account) const
    {
        if (account && config_.accounts.contains(*account)) {
            const std::string folder = spool_.folder_of(*account);
            if (is_directory(folder))
                return folder;
        }
        return spool_.incoming;
    }

    // The folder says it already.
    static reconciled without_account(reconciled both, const job_options& stated)
    {
        both.added.account.reset();
        both.wanted.account = stated.account;
        return both;
    }

    [[nodiscard]] checked<const account_settings*> account_for(const job_options& wanted) const
    {
        const auto account = choose_account(config_, {}, wanted);
        if (account)
            return *account;
        const bool by_flag = asked_.options.account.has_value();
        return refusal{
            by_flag ? exit_status::usage : exit_status::failed, account.error().sentence};
    }

    [[nodiscard]] checked<staged_job> write(
        const unique_fd& input,
        job_format format,
        const std::string& directory,
        const std::string& id,
        const reconciled& both,
        const job_reading& seen,
        const account_settings& account
    ) const
    {
        const token_rule rule(account.shape, account.kind);
        auto job =
            staged_job::write(input, format, directory, id, both.added, both.wanted, seen, rule);
        if (!job)
            return refusal{exit_status::failed, job.error().sentence};
        const std::string rejection = rejection_of(*job, both.wanted, account);
        if (!rejection.empty())
            return refusal{exit_status::failed, rejection};
        return std::move(*job);
    }

    // What the daemon would say to the file anyway: better said here and now. Repeated tokens are
    // found by the daemon only, so max_deletes is left to it.
    [[nodiscard]] std::string rejection_of(
        const staged_job& job, const job_options& wanted, account_settings account
    ) const
    {
        account.guards.max_deletes = std::numeric_limits<std::uint64_t>::max();
        job_options options = wanted;
        options.max_deletes.reset();
        job_census census;
        census.total = job.reading().items;
        census.invalid = job.reading().invalid;
        census.invalid_lines = job.reading().invalid_lines;
        return admit(job.id(), account, options, census, {}, io_.now().wall).rejection;
    }

    const submit_options& asked_;
    const settings& config_;
    console& io_;
    spool_paths spool_;
    std::independent_bits_engine<std::random_device, 16, std::uint16_t> random_;
};

std::string usage_fault(const submit_options& asked)
{
    if (std::count(asked.files.begin(), asked.files.end(), "-") > 1)
        return "standard input can be read only once";
    if (!asked.name.empty() && asked.files.size() > 1)
        return "--name names one file, and there are several: submit them one by one";
    return {};
}

}  // namespace

exit_status submit(const submit_options& asked, const settings& config, console& io)
{
    const std::string wrong = usage_fault(asked);
    if (!wrong.empty()) {
        io.err << "campaign-reaper: " << wrong << '\n';
        return exit_status::usage;
    }
    submitter files(asked, config, io);
    std::vector<staged_job> jobs;
    exit_status worst = exit_status::ok;
    for (const std::string& file : asked.files) {
        auto job = files.stage(file);
        if (job) {
            jobs.push_back(std::move(*job));
            continue;
        }
        io.err << fmt::format(
            "campaign-reaper: {}: {}\n", file == "-" ? "standard input" : file, job.error().sentence
        );
        worst = std::max(worst, job.error().status);
    }
    if (worst != exit_status::ok) {
        io.err << "Nothing was published.\n";
        return worst;
    }

    std::vector<std::string> ids;
    for (staged_job& job : jobs) {
        if (auto published = job.publish(); !published) {
            io.err << "campaign-reaper: " << published.error().sentence << '\n';
            return exit_status::failed;
        }
        ids.push_back(job.id());
        io.out << job.id() << std::endl;
    }
    return asked.wait ? wait_for_jobs(ids, files.spool(), io) : exit_status::ok;
}

}  // namespace reaper
