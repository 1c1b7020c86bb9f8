// The log of a simulated daemon, in place of rt/log.cpp: nothing, or lines with the virtual time.

#include "sim/quiet_log.hpp"

#include "reaper/rt/log.hpp"

#include <cstdio>
#include <string>

namespace reaper {

namespace {

const test::event_queue* told_by = nullptr;

void tell(std::string_view level, std::string_view sentence, log_fields fields)
{
    if (told_by == nullptr)
        return;
    std::string line(sentence);
    for (const log_field& field : fields)
        line.append(" ").append(field.key()).append("=").append(field.value());
    std::printf(
        "%12.6f %.*s %s\n",
        to_seconds(told_by->mono() - test::event_queue::first_instant),
        static_cast<int>(level.size()),
        level.data(),
        line.c_str()
    );
}

}  // namespace

namespace test {

void tell_log(const event_queue* clock)
{
    told_by = clock;
}

}  // namespace test

void set_up_log(const log_settings&, const std::map<std::string, std::string>&) {}

void set_log_secrets(std::vector<std::string>) {}

void log_debug(std::string_view sentence, log_fields fields)
{
    tell("debug", sentence, fields);
}

void log_info(std::string_view sentence, log_fields fields)
{
    tell("info ", sentence, fields);
}

void log_warning(std::string_view sentence, log_fields fields)
{
    tell("warn ", sentence, fields);
}

void log_error(std::string_view sentence, log_fields fields)
{
    tell("error", sentence, fields);
}

void folded_warning(std::string_view, std::string_view sentence, log_fields fields)
{
    tell("warn*", sentence, fields);
}

void flush_folded_warnings() {}

}  // namespace reaper
