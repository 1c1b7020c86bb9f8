#pragma once
// Writes the flags of `submit` into a job file's own place for options (SPEC 2, 4), while the file
// streams through: into the front matter of text and CSV, the members of a JSON object (an array is
// wrapped into one), or the first line of JSONL. What the file says already is not touched.

#include "reaper/base/result.hpp"
#include "reaper/model/job.hpp"

#include <string>
#include <string_view>

namespace reaper {

class option_writer
{
public:
    // `added` are the options that the file does not state itself: where it does, a second mention
    // would make it invalid.
    option_writer(job_format format, job_options added);

    // Takes the next bytes of the file and appends to `out` what is to be written. Holds back no
    // more than the first line.
    void feed(std::string_view bytes, std::string& out);
    // The file ends here.
    void finish(std::string& out);

private:
    [[nodiscard]] bool head_is_whole() const;
    void write_head(std::string& out);
    void write_text_head(std::string& out);
    void write_json_head(std::string& out);
    void write_jsonl_head(std::string& out);

    job_format format_;
    job_options added_;
    std::string head_;           // until it is known what the file begins with
    bool head_written_ = false;  // the rest is copied as it is
    std::string tail_;           // what closes the file: the brace around a wrapped array
};

}  // namespace reaper
