#include "reaper/rt/log_line.hpp"

#include "reaper/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace reaper {

namespace {

constexpr std::size_t text_bytes_max = 2000;

std::string_view name_of(log_level level)
{
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warning:
            return "warning";
        case log_level::error:
            return "error";
    }
    return "";
}

// sd-daemon(3): the level of syslog, as a prefix.
int journal_priority(log_level level)
{
    switch (level) {
        case log_level::debug:
            return 7;
        case log_level::info:
            return 6;
        case log_level::warning:
            return 4;
        case log_level::error:
            return 3;
    }
    return 6;
}

// Whether a value can stand behind `key=` as it is.
bool is_one_word(std::string_view text)
{
    return !text.empty() && text.find_first_of(" \"=\\") == text.npos;
}

void append_plain(
    std::string& out,
    std::string_view sentence,
    std::span<const log_field> fields,
    const std::vector<std::string>& secrets
)
{
    out += presentable(sentence, secrets, text_bytes_max);
    bool first = true;
    for (const log_field& field : fields) {
        const std::string value = presentable(field.value(), secrets, text_bytes_max);
        out += first ? "  " : " ";
        out += field.key();
        out += '=';
        out += is_one_word(value) ? value : json_quoted(value);
        first = false;
    }
}

void append_json(
    std::string& out,
    std::string_view sentence,
    std::span<const log_field> fields,
    const std::vector<std::string>& secrets
)
{
    out += json_quoted(presentable(sentence, secrets, text_bytes_max));
    for (const log_field& field : fields) {
        out += ',';
        out += json_quoted(field.key());
        out += ':';
        const std::string value = presentable(field.value(), secrets, text_bytes_max);
        // A number that holds a secret is no number any more.
        const bool bare = !field.is_text() && value == field.value();
        out += bare ? value : json_quoted(value);
    }
    out += '}';
}

}  // namespace

std::string log_field::written(double value)
{
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
}

std::string render_log_line(
    log_format format,
    log_level level,
    wall_time time,
    std::string_view sentence,
    std::span<const log_field> fields,
    const std::vector<std::string>& secrets
)
{
    std::string line;
    switch (format) {
        case log_format::automatic:
            assert(false && "the format must be known");
            break;
        case log_format::text:
            line = fmt::format("{} {:<7}  ", format_rfc3339(time), name_of(level));
            append_plain(line, sentence, fields, secrets);
            break;
        case log_format::journal:  // which keeps the time itself
            line = fmt::format("<{}>", journal_priority(level));
            append_plain(line, sentence, fields, secrets);
            break;
        case log_format::json:
            line = fmt::format(
                R"({{"ts":"{}","level":"{}","event":)", format_rfc3339(time), name_of(level)
            );
            append_json(line, sentence, fields, secrets);
            break;
    }
    return line;
}

log_format detect_log_format(const log_surroundings& around)
{
    const auto variable = [&around](const char* name) -> std::string_view {
        const auto found = around.environment.find(name);
        return found != around.environment.end() ? std::string_view{found->second} : "";
    };
    if (around.stderr_is_terminal)
        return log_format::text;
    // systemd.exec(5): only if the numbers are those of stderr is it the journal that listens. A
    // command in a service whose stderr is redirected still has the variable.
    const std::string_view stream = variable("JOURNAL_STREAM");
    if (!stream.empty() && stream == around.stderr_stream)
        return log_format::journal;
    if (around.has_container_file || !variable("container").empty() ||
        !variable("KUBERNETES_SERVICE_HOST").empty())
        return log_format::json;
    return log_format::text;
}

}  // namespace reaper
