// Front matter by yaml-cpp's parser, event by event. YAML::LoadAll is not fit for text from
// outside: on text such as ",count: 1" it finds empty documents without end.

#include "job_options.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <utility>

namespace reaper::job_file {
namespace {

constexpr const char* not_yaml =
    "the front matter is not a YAML mapping: write one option a line, as in \"max_deletes: 100\"";

// Takes one mapping of scalars. After the first fault it ignores all that comes.
class option_events : public YAML::EventHandler
{
public:
    option_events(std::uint64_t first_line, job_options& options)
        : first_line_(first_line), options_(&options)
    {
    }

    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override
    {
        // Nothing at all, or comments only, say nothing.
        if (depth_ > 0)
            take(mark, {});
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { take(mark, {}); }

    void OnScalar(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value
    ) override
    {
        // yaml-cpp tags a scalar without quotes "?", one with quotes "!": only the first can be a
        // number or a truth value.
        using form = option_value::form;
        take(mark, {tag == "?" ? form::word : form::text, value});
    }

    void OnSequenceStart(
        const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value
    ) override
    {
        take(mark, {});
        ++depth_;
    }

    void OnSequenceEnd() override { --depth_; }

    void OnMapStart(
        const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value
    ) override
    {
        if (depth_ > 0)
            take(mark, {});
        ++depth_;
    }

    void OnMapEnd() override { --depth_; }

    void fail(std::string sentence, const YAML::Mark& mark)
    {
        if (!failure_)
            failure_ = located_fault{std::move(sentence), line_of(mark)};
    }

    [[nodiscard]] const std::optional<located_fault>& failure() const { return failure_; }

private:
    [[nodiscard]] std::uint64_t line_of(const YAML::Mark& mark) const
    {
        return mark.is_null() ? first_line_ : first_line_ + static_cast<std::uint64_t>(mark.line);
    }

    // A name or a value; yaml-cpp gives the members of a mapping in turn.
    void take(const YAML::Mark& mark, const option_value& value)
    {
        if (failure_ || depth_ > 1)
            return;
        const bool is_name = depth_ == 1 && !std::exchange(has_name_, !has_name_);
        if (depth_ == 0 || (is_name && value.is == option_value::form::other)) {
            fail(not_yaml, mark);
        } else if (is_name) {
            name_ = value.text;
            name_mark_ = mark;
        } else if (auto wrong = set_option(*options_, name_, value)) {
            fail(std::move(*wrong), name_mark_);
        }
    }

    std::uint64_t first_line_;
    job_options* options_;
    std::size_t depth_ = 0;
    bool has_name_ = false;
    std::string name_;
    YAML::Mark name_mark_;
    std::optional<located_fault> failure_;
};

}  // namespace

std::optional<located_fault> read_front_matter(
    const std::string& yaml, std::uint64_t first_line, job_options& options
)
{
    option_events events(first_line, options);
    // yaml-cpp throws on what it cannot read; its text may quote the file, so only the place is
    // used.
    try {
        std::istringstream text(yaml);
        YAML::Parser parser(text);
        // One document: what stands behind "..." must not be lost.
        if (parser.HandleNextDocument(events) && parser.HandleNextDocument(events))
            events.fail(not_yaml, YAML::Mark::null_mark());
    } catch (const YAML::Exception& error) {
        events.fail(not_yaml, error.mark);
    } catch (const std::exception&) {
        events.fail(not_yaml, YAML::Mark::null_mark());
    }
    if (events.failure())
        return events.failure();
    if (auto wrong = check_together(options))
        return located_fault{std::move(*wrong), first_line - 1};
    return std::nullopt;
}

}  // namespace reaper::job_file
