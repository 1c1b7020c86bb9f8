#include "job_json_stream.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace reaper::job_file {
namespace {

boost::json::parse_options strict()
{
    boost::json::parse_options options;
    options.max_depth = json_depth_max;
    return options;
}

}  // namespace

struct json_stream::parser
{
    boost::json::basic_parser<json_events> json;
};

json_stream::json_stream(json_form form, const token_rule* rule, job_options& options)
    : parser_(new parser{boost::json::basic_parser<json_events>(strict(), form, rule, options)})
{
}

json_stream::~json_stream() = default;

void json_stream::restart(json_form form)
{
    parser_->json.reset();
    parser_->json.handler().restart(form);
}

bool json_stream::write(std::string_view bytes)
{
    boost::json::error_code ec;
    const std::size_t taken = parser_->json.write_some(true, bytes.data(), bytes.size(), ec);
    return judge(taken == bytes.size(), ec);
}

bool json_stream::finish()
{
    boost::json::error_code ec;
    parser_->json.write_some(false, "", 0, ec);
    return judge(true, ec);
}

bool json_stream::judge(bool all_taken, const boost::json::error_code& ec)
{
    using boost::json::error;
    if (const auto& refused = parser_->json.handler().failure())
        failure_ = *refused;
    else if (ec == error::incomplete)
        failure_ = "the JSON ends too early: the file is cut";
    else if (ec == error::too_deep)
        failure_ = "the JSON is nested more than 32 deep";
    else if (ec)
        failure_ = "this is not valid JSON: " + ec.message();
    else if (!all_taken)
        failure_ = "this is not valid JSON: something follows its end";
    return failure_.empty();
}

std::optional<json_events::element> json_stream::pop()
{
    return parser_->json.handler().pop();
}

}  // namespace reaper::job_file
