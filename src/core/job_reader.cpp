#include "reaper/core/job_reader.hpp"

#include "job_prelude.hpp"
#include "job_scanner.hpp"
#include "job_text_gate.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <utility>

namespace reaper {

using namespace job_file;

namespace {

std::unique_ptr<scanner> make_scanner(
    job_format format, const token_rule* rule, job_options& options
)
{
    switch (format) {
        case job_format::text:
            return make_text_scanner(rule);
        case job_format::csv:
            return make_csv_scanner(rule);
        case job_format::json:
            return make_json_scanner(rule, options);
        case job_format::jsonl:
            return make_jsonl_scanner(rule, options);
    }
    assert(false);
    return nullptr;
}

}  // namespace

// Bytes pass the gate (is it text?), then the prelude (byte order mark, front matter), then the
// scanner of the format. What the gate stops is reported only after all before it was read, so that
// the items do not depend on the chunks.
class job_reader::impl
{
public:
    impl(job_format format, const token_rule* rule)
        : prelude_(format == job_format::text || format == job_format::csv, options_),
          scanner_(make_scanner(format, rule, options_))
    {
    }

    void feed(std::string_view bytes)
    {
        assert((failure_ || rest_.empty()) && !finished_);
        if (failure_ || gate_.failure())
            return;
        rest_ = bytes.substr(0, gate_.check(bytes));
    }

    void finish()
    {
        finished_ = true;
        gate_.finish();
    }

    std::optional<job_item> next()
    {
        while (!failure_) {
            if (const auto found = scanner_->next())
                return count(*found);
            if (scanner_->failure())
                fail(*scanner_->failure());
            else if (!advance())
                break;
        }
        return std::nullopt;
    }

    [[nodiscard]] bool at_end() const { return ended_ && !failure_; }

    job_options options_;
    std::optional<fault> failure_;
    std::uint64_t failure_line_ = 0;
    std::uint64_t items_ = 0;
    std::uint64_t invalid_ = 0;
    std::array<std::uint64_t, 10> first_invalid_{};

private:
    job_item count(const found_line& found)
    {
        if (!found.valid) {
            if (invalid_ < first_invalid_.size())
                first_invalid_[invalid_] = found.line;
            ++invalid_;
        }
        return job_item{++items_, found.line, found.valid, found.token};
    }

    // Gives the scanner something new to read. False if there is nothing.
    bool advance()
    {
        if (!rest_.empty()) {
            if (prelude_.settled())
                scanner_->feed(std::exchange(rest_, {}));
            else
                begin_body(prelude_.take(rest_));
            return true;
        }
        if (gate_.failure()) {
            fail({*gate_.failure(), prelude_.settled() ? scanner_->line() : prelude_.line()});
            return false;
        }
        if (!finished_ || ended_)
            return false;
        if (!std::exchange(body_finished_, true)) {
            if (!prelude_.settled())
                begin_body(prelude_.finish());
            scanner_->finish();
            return true;
        }
        if (items_ == 0)
            fail({"the file names no token", 0});
        ended_ = true;
        return false;
    }

    void begin_body(std::string_view given_back)
    {
        if (prelude_.failure())
            fail(*prelude_.failure());
        if (prelude_.settled())
            scanner_->begin_at(prelude_.line());
        if (!given_back.empty())
            scanner_->feed(given_back);
    }

    void fail(const located_fault& why)
    {
        failure_line_ = why.line;
        failure_ = fault{
            why.line == 0 ? why.sentence : fmt::format("line {}: {}", why.line, why.sentence)};
    }

    text_gate gate_;
    prelude prelude_;
    std::unique_ptr<scanner> scanner_;
    std::string_view rest_;  // passed the gate, not yet given on
    bool finished_ = false;
    bool body_finished_ = false;
    bool ended_ = false;
};

job_reader::job_reader(job_format format, const token_rule* rule)
    : impl_(std::make_unique<impl>(format, rule))
{
}

job_reader::~job_reader() = default;
job_reader::job_reader(job_reader&&) noexcept = default;
job_reader& job_reader::operator=(job_reader&&) noexcept = default;

void job_reader::feed(std::string_view bytes)
{
    impl_->feed(bytes);
}

void job_reader::finish()
{
    impl_->finish();
}

std::optional<job_item> job_reader::next()
{
    return impl_->next();
}

const std::optional<fault>& job_reader::failure() const
{
    return impl_->failure_;
}

std::uint64_t job_reader::failure_line() const
{
    return impl_->failure_line_;
}

bool job_reader::at_end() const
{
    return impl_->at_end();
}

const job_options& job_reader::options() const
{
    return impl_->options_;
}

std::uint64_t job_reader::items() const
{
    return impl_->items_;
}

std::uint64_t job_reader::invalid() const
{
    return impl_->invalid_;
}

std::span<const std::uint64_t> job_reader::first_invalid() const
{
    const std::size_t known = impl_->first_invalid_.size();
    return std::span(impl_->first_invalid_)
        .first(impl_->invalid_ < known ? static_cast<std::size_t>(impl_->invalid_) : known);
}

std::string job_reader::invalid_lines() const
{
    std::string text = fmt::format("{}", fmt::join(first_invalid(), ", "));
    if (impl_->invalid_ > first_invalid().size())
        text += ", ...";
    return text;
}

}  // namespace reaper
