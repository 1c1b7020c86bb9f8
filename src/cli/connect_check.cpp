#include "reaper/cli/connect_check.hpp"

#include "reaper/app/account_keeper.hpp"
#include "reaper/base/text.hpp"
#include "reaper/cli/http_probe.hpp"
#include "reaper/cli/limit_turn.hpp"
#include "reaper/io/keyed_hash.hpp"
#include "reaper/io/spool_state.hpp"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <utility>

namespace reaper {

namespace {

constexpr duration connect_within = std::chrono::seconds(10);
constexpr duration lent_within = std::chrono::seconds(10);  // beside what is in flight

struct finding
{
    exit_status status = exit_status::ok;
    std::string sentence;
};

std::string place_of(const secret_source& source)
{
    switch (source.where) {
        case secret_source::from::file:
            return source.name;
        case secret_source::from::environment:
            return "environment variable " + source.name;
        case secret_source::from::credential:
            return "credential " + source.name;
    }
    return {};
}

// While it lives, files are made as the daemon's user would make them: what root left in the
// daemon's directories, the daemon could not read. Anybody else stays who they are.
class as_owner_of
{
public:
    explicit as_owner_of(const std::string& directory)
    {
        struct stat about = {};
        if (::geteuid() != 0 || ::stat(directory.c_str(), &about) != 0 || about.st_uid == 0)
            return;
        changed_ = ::setegid(about.st_gid) == 0 && ::seteuid(about.st_uid) == 0;
    }

    ~as_owner_of()
    {
        // Back to root, which cannot fail: the saved ids still are.
        if (changed_ && (::seteuid(0) != 0 || ::setegid(0) != 0))
            std::terminate();
    }

    as_owner_of(const as_owner_of&) = delete;
    as_owner_of& operator=(const as_owner_of&) = delete;

private:
    bool changed_ = false;
};

// What the API said besides the status, fit for a person.
std::string quoted(const answer& got, const account_secrets& keys)
{
    const std::string said = got.code + (got.message.empty() ? "" : " " + got.message);
    if (said.empty())
        return {};
    return " (" + presentable(said, {keys.api_key, keys.rest_api_key}) + ")";
}

// What an answer says about the account, and what to do. The list call wants the live key, as the
// API's documentation says; deleting takes others as well.
finding judge(const answer& got, const account_settings& account, const account_secrets& keys)
{
    const std::string said = fmt::format("the API answered {}{}", got.status, quoted(got, keys));
    if (got.status >= 200 && got.status < 300)
        return {exit_status::ok, fmt::format("fine: the API answered {}", got.status)};
    if (got.status == 401) {
        return {
            exit_status::failed,
            fmt::format(
                "{}: it refuses the REST API key; check {}", said, place_of(account.rest_api_key)
            )};
    }
    if (got.status == 403) {
        return {
            exit_status::failed,
            fmt::format("{}: the key may not list campaigns; is it the live key?", said)};
    }
    if (got.status == 404) {
        return {
            exit_status::failed,
            fmt::format(
                "{}: the API key ({}), the kind ({}) or the endpoint ({}) is wrong",
                said,
                place_of(account.api_key),
                to_string(account.kind),
                account.endpoint.url
            )};
    }
    if (got.status == 429) {
        return {
            exit_status::try_later,
            said + ": too many requests; the gate is shut, try again later"};
    }
    if (got.status >= 300 && got.status < 400) {
        return {
            exit_status::failed,
            fmt::format(
                "{}: a redirect, which is never followed; check the endpoint ({})",
                said,
                account.endpoint.url
            )};
    }
    if (got.status >= 500)
        return {exit_status::try_later, said + ": the API has trouble of its own; try again later"};
    return {exit_status::failed, said};
}

// The one request. Keys are read before the user changes.
class account_check
{
public:
    account_check(const account_settings& account, const spool_paths& spool, console& io)
        : account_(account), spool_(spool), io_(io)
    {
    }

    finding run()
    {
        auto keys = load_account_secrets(account_, process_environment());
        if (!keys)
            return {exit_status::failed, keys.error().sentence};
        keys_ = std::move(*keys);
        if (account_.endpoint.tls) {
            auto tls = make_tls_context(account_.ca_file);
            if (!tls)
                return {exit_status::failed, tls.error().sentence};
            tls_ = std::move(*tls);
        }
        // Where no daemon has ever run there is no gate to keep to, and none to store.
        struct stat about = {};
        if (::stat(spool_.limits.c_str(), &about) != 0 && errno == ENOENT) {
            const auto got = ask();
            return got ? judge(*got, account_, keys_)
                       : finding{exit_status::failed, got.error().sentence};
        }
        const as_owner_of daemon_user(spool_.state);
        return ask_in_turn();
    }

private:
    [[nodiscard]] result<answer> ask() const
    {
        connection_target target;
        target.host = account_.endpoint.host;
        target.port = account_.endpoint.port;
        target.tls = account_.endpoint.tls;
        target.connect_timeout = connect_within;
        const request_template requests(account_, keys_);
        return request_once(
            std::move(target),
            tls_,
            requests.list_request(),
            connect_within + account_.timeout,
            io_.now().wall
        );
    }

    [[nodiscard]] finding ask_in_turn()
    {
        const auto salt = load_salt(spool_);
        if (!salt)
            return {exit_status::failed, salt.error().sentence};
        const std::string limit = limit_id_of(account_, keys_, *salt);
        auto turn = limit_turn::take(spool_, limit, account_.timeout + lent_within, io_);
        if (!turn) {
            const bool later = turn.error().error_number == EWOULDBLOCK;
            return {later ? exit_status::try_later : exit_status::failed, turn.error().sentence};
        }
        if (auto begun = turn->begin(); !begun)
            return {exit_status::failed, begun.error().sentence};
        const auto got = ask();
        std::optional<duration> shut_for;
        if (got && got->status == 429)
            shut_for = got->retry_after.value_or(duration::zero());
        if (auto ended = turn->end(shut_for, io_.now()); !ended)
            return {exit_status::failed, ended.error().sentence};
        if (!got)
            return {exit_status::failed, got.error().sentence};
        finding found = judge(*got, account_, keys_);
        if (found.status == exit_status::ok)
            remember_proof(*salt, found);
        return found;
    }

    void remember_proof(const std::string& salt, finding& found) const
    {
        const auto kept = write_proof(spool_, keyed_hash(salt, route_text(account_, keys_)));
        found.sentence += kept ? "; key, kind and endpoint are proven to be right"
                               : "; the proof cannot be kept: " + kept.error().sentence;
    }

    const account_settings& account_;
    const spool_paths& spool_;
    console& io_;
    account_secrets keys_;
    std::shared_ptr<tls_context> tls_;
};

}  // namespace

exit_status connect_check(const settings& config, console& io)
{
    const spool_paths spool(config.spool);
    bool any_failed = false;
    bool any_later = false;
    for (const auto& [name, account] : config.accounts) {
        const finding found = account_check(account, spool, io).run();
        io.out << fmt::format("{}: {}\n", name, found.sentence) << std::flush;
        any_failed = any_failed || found.status == exit_status::failed;
        any_later = any_later || found.status == exit_status::try_later;
    }
    if (any_failed)
        return exit_status::failed;
    return any_later ? exit_status::try_later : exit_status::ok;
}

}  // namespace reaper
