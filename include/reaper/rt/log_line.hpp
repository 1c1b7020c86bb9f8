#pragma once
// How a line of the log is written. A line is a sentence and fields; its form depends on who reads
// it: a person, the journal of systemd, or a collector of JSON (SPEC 8, 9).

#include "reaper/base/time.hpp"
#include "reaper/model/settings.hpp"

#include <concepts>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace reaper {

// A key and its value: text, a number, or true or false.
class log_field
{
public:
    log_field(std::string_view key, std::string_view value) : key_(key), value_(value) {}

    template <class T>

    requires(std::is_arithmetic_v<T>) log_field(std::string_view key, T value)
        : key_(key), value_(written(value)), is_text_(false)
    {
    }

    [[nodiscard]] const std::string& key() const { return key_; }

    [[nodiscard]] const std::string& value() const { return value_; }

    [[nodiscard]] bool is_text() const { return is_text_; }

private:
    static std::string written(bool value) { return value ? "true" : "false"; }

    static std::string written(double value);  // "null" for what JSON has no number for

    template <std::floating_point T>
    static std::string written(T value)
    {
        return written(static_cast<double>(value));
    }

    template <std::integral T>
    static std::string written(T value)
    {
        return std::to_string(value);
    }

    std::string key_;
    std::string value_;
    bool is_text_ = true;
};

// One line without its line end. The sentence and the values are redacted of `secrets` and made
// presentable, each cut at 2,000 bytes. `format` must not be `automatic`.
//
//   text     2026-11-22T20:30:15.123Z warning  The disk is full  path=/var/lib/x free=0
//   journal  <4>The disk is full  path=/var/lib/x free=0
//   json     {"ts":"...","level":"warning","event":"The disk is full","path":"/var/lib/x","free":0}
[[nodiscard]] std::string render_log_line(
    log_format format,
    log_level level,
    wall_time time,
    std::string_view sentence,
    std::span<const log_field> fields,
    const std::vector<std::string>& secrets
);

// What is known of the place where this process writes its log.
struct log_surroundings
{
    bool stderr_is_terminal = false;
    // "<device>:<inode>" of stderr. systemd puts that of the journal into $JOURNAL_STREAM.
    std::string stderr_stream{};
    bool has_container_file = false;  // /.dockerenv or /run/.containerenv
    std::map<std::string, std::string> environment{};
};

// What `automatic` means there: text on a terminal, journal where stderr is the journal, JSON in a
// container, else text.
[[nodiscard]] log_format detect_log_format(const log_surroundings& around);

}  // namespace reaper
