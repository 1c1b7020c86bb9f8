#pragma once
// Writing and reading the members of one JSON object, for the files of the spool. Written one
// member to a line, so that a person can read them; read strictly, with a sentence for the first
// fault.

#include "reaper/base/result.hpp"
#include "reaper/base/text.hpp"
#include "reaper/base/time.hpp"
#include "reaper/base/units.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reaper {

inline constexpr int spool_format_version = 1;

class members_writer
{
public:
    // Numbers its format first, as every file of the spool does.
    members_writer() { number("format", spool_format_version); }

    // `value` is JSON already.
    void raw(std::string_view name, std::string_view value)
    {
        out_ += out_.empty() ? "{\n  " : ",\n  ";
        out_ += json_quoted(name);
        out_ += ": ";
        out_ += value;
    }

    void text(std::string_view name, std::string_view value) { raw(name, json_quoted(value)); }

    void number(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }

    void flag(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }

    void time(std::string_view name, wall_time value) { text(name, format_rfc3339(value)); }

    void time(std::string_view name, const std::optional<wall_time>& value)
    {
        if (value)
            time(name, *value);
    }

    void time_or_null(std::string_view name, const std::optional<wall_time>& value)
    {
        if (value)
            time(name, *value);
        else
            raw(name, "null");
    }

    // Shortest form that reads back as the same, to twelve digits.
    static std::string real_text(double value)
    {
        return fmt::format("{}", to_twelve_digits(value));
    }

    void real(std::string_view name, double value) { raw(name, real_text(value)); }

    [[nodiscard]] std::string finish() && { return std::move(out_) + "\n}\n"; }

private:
    std::string out_;
};

// Reads members by name. After the first fault the rest reads as defaults; ask failure() at the
// end.
class members_reader
{
public:
    explicit members_reader(const boost::json::object& object) : object_(object)
    {
        const auto version = number("format");
        if (!failure_ && version != spool_format_version) {
            failure_ = fault{fmt::format(
                "format {} is not known to this version of campaign-reaper: a newer one wrote it",
                version
            )};
        }
    }

    // For an object within a file: it has no format of its own.
    struct nested
    {
    };

    members_reader(const boost::json::object& object, nested) : object_(object) {}

    [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }

    std::string text(std::string_view name)
    {
        const auto* value = find(name);
        if (value == nullptr)
            return {};
        const auto* held = value->if_string();
        if (held == nullptr)
            return fail(name, "a string"), std::string{};
        return std::string{held->data(), held->size()};
    }

    std::uint64_t number(std::string_view name)
    {
        const auto* value = find(name);
        if (value == nullptr)
            return 0;
        return number_of(*value, name);
    }

    double real(std::string_view name)
    {
        const auto* value = find(name);
        if (value == nullptr)
            return 0;
        if (!value->is_number())
            return fail(name, "a number"), 0.0;
        return to_twelve_digits(value->to_number<double>());
    }

    // Numbers by their names, for reasons and how long they took.
    std::map<std::string, double> reals(std::string_view name)
    {
        std::map<std::string, double> values;
        for (const auto& member : object(name)) {
            if (member.value().is_number())
                values.emplace(member.key(), to_twelve_digits(member.value().to_number<double>()));
            else
                fail(name, "an object of numbers");
        }
        return values;
    }

    bool flag(std::string_view name)
    {
        const auto* value = find(name);
        if (value == nullptr)
            return false;
        if (!value->is_bool())
            return fail(name, "true or false"), false;
        return value->get_bool();
    }

    wall_time time(std::string_view name)
    {
        const auto written = text(name);
        if (failure_)
            return {};
        const auto parsed = parse_rfc3339(written);
        if (!parsed)
            return fail(name, "a time with a zone"), wall_time{};
        return *parsed;
    }

    std::optional<wall_time> optional_time(std::string_view name)
    {
        if (!has(name))
            return std::nullopt;
        return time(name);
    }

    // One that is always there, and null where there is no time: a name that is damaged must not be
    // taken for a time that was never set.
    std::optional<wall_time> time_or_null(std::string_view name)
    {
        const auto* value = find(name);
        if (value == nullptr || value->is_null())
            return std::nullopt;
        return time(name);
    }

    // A value of an enumeration by its name.
    template <class Enum>
    Enum word(std::string_view name, std::optional<Enum> (*parse)(std::string_view))
    {
        const auto written = text(name);
        if (failure_)
            return {};
        const auto parsed = parse(written);
        if (!parsed)
            return fail(name, "one of the words that are known"), Enum{};
        return *parsed;
    }

    static const boost::json::object& no_object()
    {
        static const boost::json::object none;
        return none;
    }

    const boost::json::object& object(std::string_view name)
    {
        const auto* value = find(name);
        if (value != nullptr && !value->is_object())
            fail(name, "an object");
        return failure_ ? no_object() : value->get_object();
    }

    const boost::json::array& array(std::string_view name)
    {
        static const boost::json::array none;
        const auto* value = find(name);
        if (value != nullptr && !value->is_array())
            fail(name, "an array");
        return failure_ ? none : value->get_array();
    }

    std::uint64_t number_of(const boost::json::value& value, std::string_view name)
    {
        boost::system::error_code ec;
        const auto number = value.to_number<std::uint64_t>(ec);
        if (ec)
            return fail(name, "a whole number, not negative"), 0;
        return number;
    }

    void fail(std::string_view name, std::string_view wanted)
    {
        if (!failure_)
            failure_ = fault{fmt::format("\"{}\" is not {}", name, wanted)};
    }

    void fail(fault why)
    {
        if (!failure_)
            failure_ = std::move(why);
    }

    [[nodiscard]] const std::optional<fault>& failure() const { return failure_; }

private:
    const boost::json::value* find(std::string_view name)
    {
        const auto* value = object_.if_contains(name);
        if (value == nullptr && !failure_)
            failure_ = fault{fmt::format("\"{}\" is missing", name)};
        return failure_ ? nullptr : value;
    }

    const boost::json::object& object_;
    std::optional<fault> failure_;
};

// The object that the whole text is.
[[nodiscard]] inline result<boost::json::object> parse_object(std::string_view text)
{
    boost::system::error_code ec;
    auto value = boost::json::parse(text, ec);
    if (ec)
        return fault{"it is not JSON: " + ec.message()};
    if (!value.is_object())
        return fault{"it is not a JSON object"};
    return std::move(value.get_object());
}

}  // namespace reaper
