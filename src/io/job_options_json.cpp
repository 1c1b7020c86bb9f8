// The options of a job as the members of a JSON object.

#include "json_members.hpp"
#include "reaper/io/job_files.hpp"

#include <boost/json/value.hpp>

namespace reaper {

namespace {

constexpr std::string_view known_options[] = {
    "account",
    "kind",
    "priority",
    "dry_run",
    "hold",
    "hold_after",
    "max_deletes",
    "count",
    "not_before",
    "deadline",
    "label",
    "retry_of",
};

template <class Value, class Read>
void read_into(
    std::optional<Value>& option, const members_reader& members, std::string_view name, Read read
)
{
    if (members.has(name))
        option = read(name);
}

}  // namespace

boost::json::object options_to_json(const job_options& options)
{
    boost::json::object object;
    const auto put = [&object](std::string_view name, auto value) { object[name] = value; };
    const auto put_word = [&object](std::string_view name, std::string_view word) {
        object[name] = boost::json::string_view{word.data(), word.size()};
    };
    if (options.account)
        put_word("account", *options.account);
    if (options.kind)
        put_word("kind", to_string(*options.kind));
    if (options.prio)
        put_word("priority", to_string(*options.prio));
    if (options.dry_run)
        put("dry_run", *options.dry_run);
    if (options.hold)
        put("hold", *options.hold);
    if (options.hold_after)
        put("hold_after", *options.hold_after);
    if (options.max_deletes)
        put("max_deletes", *options.max_deletes);
    if (options.count)
        put("count", *options.count);
    if (options.not_before)
        put_word("not_before", format_rfc3339(*options.not_before));
    if (options.deadline)
        put_word("deadline", format_rfc3339(*options.deadline));
    if (options.label)
        put_word("label", *options.label);
    if (options.retry_of)
        put_word("retry_of", *options.retry_of);
    return object;
}

result<job_options> options_from_json(const boost::json::object& object)
{
    for (const auto& member : object) {
        // An option that is not known may be a guard: a job is not sent without one that it had.
        const std::string_view key{member.key().data(), member.key().size()};
        bool known = false;
        for (const auto name : known_options)
            known = known || name == key;
        if (!known)
            return fault{fmt::format("option \"{}\" is not known", presentable(key, {}, 40))};
    }
    members_reader members{object, members_reader::nested{}};
    const auto text = [&members](std::string_view name) { return members.text(name); };
    const auto number = [&members](std::string_view name) { return members.number(name); };
    const auto flag = [&members](std::string_view name) { return members.flag(name); };
    const auto time = [&members](std::string_view name) { return members.time(name); };

    job_options options;
    read_into(options.account, members, "account", text);
    read_into(options.kind, members, "kind", [&members](std::string_view name) {
        return members.word(name, &parse_campaign_kind);
    });
    read_into(options.prio, members, "priority", [&members](std::string_view name) {
        return members.word(name, &parse_priority);
    });
    read_into(options.dry_run, members, "dry_run", flag);
    read_into(options.hold, members, "hold", flag);
    read_into(options.hold_after, members, "hold_after", number);
    read_into(options.max_deletes, members, "max_deletes", number);
    read_into(options.count, members, "count", number);
    read_into(options.not_before, members, "not_before", time);
    read_into(options.deadline, members, "deadline", time);
    read_into(options.label, members, "label", text);
    read_into(options.retry_of, members, "retry_of", text);
    if (members.failure())
        return *members.failure();
    return options;
}

}  // namespace reaper
