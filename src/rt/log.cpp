#include "reaper/rt/log.hpp"

#include "reaper/rt/warning_folder.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>

namespace reaper {

namespace {

spdlog::level::level_enum spdlog_level(log_level level)
{
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warning:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

log_surroundings look_around(const std::map<std::string, std::string>& environment)
{
    log_surroundings around;
    around.environment = environment;
    around.stderr_is_terminal = ::isatty(STDERR_FILENO) == 1;

    struct stat status
    {
    };

    if (::fstat(STDERR_FILENO, &status) == 0)
        around.stderr_stream = fmt::format("{}:{}", status.st_dev, status.st_ino);
    around.has_container_file =
        ::access("/.dockerenv", F_OK) == 0 || ::access("/run/.containerenv", F_OK) == 0;
    return around;
}

// Everything of the one log of a process. The lock keeps lines whole and secrets in step with them.
class process_log
{
public:
    static process_log& instance()
    {
        static process_log log;
        return log;
    }

    void set_up(log_level level, log_format format)
    {
        const std::lock_guard lock(mutex_);
        format_ = format;
        logger_.set_level(spdlog_level(level));
    }

    void set_secrets(std::vector<std::string> secrets)
    {
        const std::lock_guard lock(mutex_);
        secrets_ = std::move(secrets);
    }

    void write(log_level level, std::string_view sentence, log_fields fields)
    {
        const std::lock_guard lock(mutex_);
        write_locked(level, sentence, fields);
    }

    void fold(std::string_view key, std::string_view sentence, log_fields fields)
    {
        const std::lock_guard lock(mutex_);
        const unsigned times = folder_.offer(key, sentence, std::chrono::steady_clock::now());
        if (times == 1)
            write_locked(log_level::warning, sentence, fields);
        else if (times > 1)
            write_locked(log_level::warning, with_count(sentence, times), fields);
    }

    void flush_folded()
    {
        const std::lock_guard lock(mutex_);
        for (const auto& due : folder_.take_due(std::chrono::steady_clock::now()))
            write_locked(log_level::warning, with_count(due.sentence, due.times), {});
    }

private:
    // The line is composed here. spdlog filters by level, and writes and flushes it as a whole.
    process_log() : logger_("reaper", std::make_shared<spdlog::sinks::stderr_sink_st>())
    {
        logger_.set_pattern("%v");
    }

    static std::string with_count(std::string_view sentence, unsigned times)
    {
        return fmt::format("{} (repeated {} times)", sentence, times);
    }

    void write_locked(log_level level, std::string_view sentence, log_fields fields)
    {
        if (!logger_.should_log(spdlog_level(level)))
            return;
        const auto now = std::chrono::floor<wall_time::duration>(std::chrono::system_clock::now());
        const std::span<const log_field> all(fields.begin(), fields.size());
        // As an argument: a brace in the line is not a place for another.
        logger_.log(
            spdlog_level(level), "{}", render_log_line(format_, level, now, sentence, all, secrets_)
        );
    }

    std::mutex mutex_;
    log_format format_ = log_format::text;
    std::vector<std::string> secrets_;
    warning_folder folder_;
    spdlog::logger logger_;
};

}  // namespace

void set_up_log(const log_settings& settings, const std::map<std::string, std::string>& environment)
{
    const log_format format = settings.format == log_format::automatic
                                  ? detect_log_format(look_around(environment))
                                  : settings.format;
    process_log::instance().set_up(settings.level, format);
}

void set_log_secrets(std::vector<std::string> secrets)
{
    process_log::instance().set_secrets(std::move(secrets));
}

void log_debug(std::string_view sentence, log_fields fields)
{
    process_log::instance().write(log_level::debug, sentence, fields);
}

void log_info(std::string_view sentence, log_fields fields)
{
    process_log::instance().write(log_level::info, sentence, fields);
}

void log_warning(std::string_view sentence, log_fields fields)
{
    process_log::instance().write(log_level::warning, sentence, fields);
}

void log_error(std::string_view sentence, log_fields fields)
{
    process_log::instance().write(log_level::error, sentence, fields);
}

void folded_warning(std::string_view key, std::string_view sentence, log_fields fields)
{
    process_log::instance().fold(key, sentence, fields);
}

void flush_folded_warnings()
{
    process_log::instance().flush_folded();
}

}  // namespace reaper
