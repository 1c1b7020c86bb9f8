#pragma once
// The log of this process: one line per event, to stderr.
//
// Every text is redacted of the configured secrets before it is written, so no caller has to think
// of it (SPEC P6). May be called from any thread.

#include "reaper/model/settings.hpp"
#include "reaper/rt/log_line.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// Sets level and format; `automatic` looks at stderr and at the environment. At the start and at
// each reload. Before the first call the level is `info` and the format `text`.
void set_up_log(
    const log_settings& settings, const std::map<std::string, std::string>& environment
);

// Replaces the secrets that no line may hold. After a reload, hand in the old ones too: an answer
// to a request with an old key may still come.
void set_log_secrets(std::vector<std::string> secrets);

// A sentence that says what happened, and fields: {{"job", id}, {"tokens", total}}.
using log_fields = std::initializer_list<log_field>;

void log_debug(std::string_view sentence, log_fields fields = {});
void log_info(std::string_view sentence, log_fields fields = {});
void log_warning(std::string_view sentence, log_fields fields = {});
void log_error(std::string_view sentence, log_fields fields = {});

// A warning that may come over and over: rt/warning_folder.hpp. What was only counted is written
// without its fields, so the sentence must say enough.
void folded_warning(std::string_view key, std::string_view sentence, log_fields fields = {});

// Writes what has been counted for a minute. Call it now and then: a warning that has stopped
// coming would keep its count to itself.
void flush_folded_warnings();

}  // namespace reaper
