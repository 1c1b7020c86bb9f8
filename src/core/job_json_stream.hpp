#pragma once
// Part of core/job_reader: json_events behind the parser that drives them, out of sight, for the
// parser is a large template.

#include "job_json_events.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reaper::job_file {

class json_stream
{
public:
    json_stream(json_form form, const token_rule* rule, job_options& options);
    ~json_stream();

    // Begins a new text.
    void restart(json_form form);

    // The next bytes of the text. False if it is no JSON, or not what a job may be.
    bool write(std::string_view bytes);

    // The text ends here. False if it may not.
    bool finish();

    [[nodiscard]] std::optional<json_events::element> pop();

    // Why write() or finish() returned false.
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    bool judge(bool all_taken, const boost::json::error_code& ec);

    struct parser;
    std::unique_ptr<parser> parser_;
    std::string failure_;
};

}  // namespace reaper::job_file
