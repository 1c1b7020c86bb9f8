#pragma once
// What holds for a job file of any format and any content, however its bytes arrive (SPEC 4, P4).

#include "feed_plan.hpp"
#include "support/job_reading.hpp"

#include <memory>

namespace reaper::fuzz {

// The rules that an account can have, and none: so the options are read before the account is
// known.
inline const token_rule* rule_of(unsigned variant)
{
    static const token_rule automatic = test::automatic_rule();
    static const token_rule any = test::any_rule();
    static const token_rule pattern = test::pattern_rule("[a-c]{2,4}");
    switch (variant % 4) {
        case 0:
            return &automatic;
        case 1:
            return &any;
        case 2:
            return &pattern;
        default:
            return nullptr;
    }
}

// Reads on after a failure, and watches the options: what sends needs all of them before it sees
// the first token. Only .json may name them behind its tokens.
class watched_reading
{
public:
    watched_reading(job_format format, const token_rule* rule)
        : format_(format), reader_(format, rule)
    {
    }

    test::reading read(const std::vector<std::string_view>& pieces)
    {
        for (const std::string_view piece : pieces) {
            // Memory of its own, that is gone when the reader has asked for more.
            const auto owned = std::make_unique<char[]>(piece.size());
            std::copy(piece.begin(), piece.end(), owned.get());
            reader_.feed(std::string_view(owned.get(), piece.size()));
            drain();
        }
        reader_.finish();
        drain();
        must(!reader_.next(), "nothing comes behind the end");
        must(reader_.at_end() != reader_.failure().has_value(), "a file ends well or fails");
        must(reader_.items() == found_.items.size(), "items are counted");
        if (reader_.failure())
            found_.failure = without_detail(reader_.failure()->sentence);
        found_.failure_line = reader_.failure_line();
        found_.at_end = reader_.at_end();
        found_.options = reader_.options();
        found_.invalid = reader_.invalid();
        found_.invalid_lines = reader_.invalid_lines();
        if (at_first_item_ && format_ != job_format::json)
            must(*at_first_item_ == found_.options, "no option changes behind the first token");
        return std::move(found_);
    }

private:
    // Boost.JSON words some faults by the piece that they are found in.
    static std::string without_detail(std::string sentence)
    {
        static constexpr std::string_view not_json = "not valid JSON";
        const std::size_t at = sentence.find(not_json);
        if (at != sentence.npos)
            sentence.erase(at + not_json.size());
        return sentence;
    }

    void drain()
    {
        while (const auto item = reader_.next()) {
            must(!reader_.failure(), "nothing comes after a failure");
            if (!at_first_item_)
                at_first_item_ = reader_.options();
            found_.items.push_back({item->n, item->line, item->valid, std::string(item->token)});
        }
    }

    job_format format_;
    job_reader reader_;
    test::reading found_;
    std::optional<job_options> at_first_item_;
};

inline void check_items(
    const test::reading& read, std::string_view text, const token_rule* rule, bool literal
)
{
    std::uint64_t n = 0;
    std::uint64_t line = 0;
    std::uint64_t invalid = 0;
    for (const test::read_item& item : read.items) {
        must(item.n == ++n, "ordinals count from 1");
        must(item.line > line, "lines grow");
        line = item.line;
        must(item.valid != item.token.empty(), "an item has a token exactly if it is valid");
        invalid += item.valid ? 0 : 1;
        if (!item.valid)
            continue;
        must(has_token_form(item.token), "a token is 1 to 128 of its alphabet");
        must(rule == nullptr || rule->accepts(item.token), "a token keeps to the account's rule");
        if (literal)
            must(text.find(item.token) != text.npos, "a token stands in the file");
    }
    must(read.invalid == invalid, "invalid lines are counted");
    must(read.at_end == read.failure.empty(), "a failure has a sentence");
    must(!read.at_end || n > 0, "a file without a token has failed");
}

// What `submit` and `remaining` write into a file must mean the same when it is read.
inline void check_options_read_back(const job_options& options)
{
    if (options == job_options{})
        return;
    const std::string text = render_front_matter(options) + "x\n";
    const std::string lines = "{\"job\":" + render_options_object(options) + "}\n\"x\"\n";
    const auto as_text = watched_reading(job_format::text, nullptr).read({text});
    must(as_text.at_end && as_text.options == options, "front matter reads back the same");
    const auto as_lines = watched_reading(job_format::jsonl, nullptr).read({lines});
    must(as_lines.at_end && as_lines.options == options, "an options object reads back the same");
}

inline void check_job(job_format format, const std::uint8_t* data, std::size_t size)
{
    const feed_plan plan(data, size);
    const token_rule* const rule = rule_of(plan.variant());
    const auto whole = watched_reading(format, rule).read({plan.text()});
    const auto in_pieces = watched_reading(format, rule).read(plan.pieces(plan.text()));
    must(whole == in_pieces, "pieces make no difference");
    // JSON may write a letter as \u0061; elsewhere nothing stands for something else.
    const bool escapes = format == job_format::json || format == job_format::jsonl;
    check_items(whole, plan.text(), rule, !escapes || plan.text().find('\\') == plan.text().npos);
    if (whole.at_end)
        check_options_read_back(whole.options);
}

}  // namespace reaper::fuzz
