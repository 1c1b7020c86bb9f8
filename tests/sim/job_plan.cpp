#include "sim/job_plan.hpp"

#include "reaper/base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace reaper::test {

using namespace std::chrono_literals;

namespace {

// One option of a job, as YAML and as JSON have it.
struct plan_option
{
    std::string key;
    std::string value;  // a number, a boolean or a quoted text: the same in both
};

class drawer
{
public:
    drawer(random_source& random, const plan_wishes& wishes) : random_(random), wishes_(wishes) {}

    job_plan draw()
    {
        plan_.account = wishes_.account;
        plan_.folder = wishes_.default_account && random_.one_in(2) ? "" : wishes_.account;
        draw_items();
        draw_options();
        static constexpr const char* endings[] = {".txt", ".csv", ".json", ".jsonl", "", ".list"};
        const std::string ending = endings[random_.below(std::size(endings))];
        plan_.name = fmt::format("job-{}{}", wishes_.number, ending);
        if (ending == ".csv")
            render_csv();
        else if (ending == ".json")
            render_json();
        else if (ending == ".jsonl")
            render_jsonl();
        else
            render_text();
        return std::move(plan_);
    }

private:
    void draw_items()
    {
        const std::size_t most = random_.one_in(4) ? wishes_.tokens_max : wishes_.tokens_max / 8;
        const std::size_t count = 1 + random_.below(most);
        std::uint64_t invalid = 0;
        for (std::size_t i = 0; i < count; ++i) {
            plan_item item;
            if (i > 0 && random_.one_in(25)) {
                const plan_item& before = plan_.items[random_.below(i)];
                if (before.is != plan_item::sort::invalid) {
                    item.is = plan_item::sort::repeated;
                    item.token = before.token;
                    plan_.items.push_back(item);
                    continue;
                }
            }
            if (invalid < wishes_.max_invalid + 1 && random_.one_in(200)) {
                static constexpr const char* wrong[] = {
                    "../delete",
                    "0123456789abcdef",
                    "token with blanks",
                    "%2e%2e",
                    "0123456789abcdef0123456789abcdeX"};
                item.is = plan_item::sort::invalid;
                item.token = wrong[random_.below(std::size(wrong))];
                ++invalid;
            } else {
                item.token = token_text(wishes_.first_token + i);
            }
            plan_.items.push_back(item);
        }
        if (invalid > wishes_.max_invalid || invalid == count)
            plan_.whole = job_plan::fate::rejected;
    }

    void draw_options()
    {
        const std::size_t count = plan_.items.size();
        if (random_.one_in(12)) {
            plan_.dry_run = true;
            options_.push_back({"dry_run", "true"});
        }
        if (random_.one_in(12))
            options_.push_back({"hold", "true"});
        if (random_.one_in(8))
            options_.push_back({"hold_after", std::to_string(1 + random_.below(count + 3))});
        if (random_.one_in(8)) {
            const std::size_t most = random_.one_in(3) ? random_.below(count + 1) : count;
            std::size_t tokens = 0;
            for (const plan_item& item : plan_.items)
                tokens += item.is == plan_item::sort::token ? 1 : 0;
            options_.push_back({"max_deletes", std::to_string(most)});
            if (most < tokens)
                plan_.whole = job_plan::fate::rejected;
        }
        if (random_.one_in(6)) {
            std::size_t valid = 0;
            for (const plan_item& item : plan_.items)
                valid += item.is == plan_item::sort::invalid ? 0 : 1;
            const std::size_t said = random_.one_in(4) ? valid + 1 : valid;
            plan_.has_count = true;
            options_.push_back({"count", std::to_string(said)});
            if (said != valid)
                plan_.whole = job_plan::fate::rejected;
        }
        if (random_.one_in(10))
            options_.push_back({"not_before", time_in(5min)});
        if (random_.one_in(10))
            options_.push_back({"deadline", time_in(10min)});
        static constexpr const char* priorities[] = {"\"urgent\"", "\"normal\"", "\"bulk\""};
        if (random_.one_in(5))
            options_.push_back({"priority", priorities[random_.below(3)]});
        if (random_.one_in(40)) {
            options_.push_back({"hold_afterwards", "3"});
            plan_.whole = job_plan::fate::rejected;
        }
    }

    std::string time_in(duration most)
    {
        const auto unix_time = std::chrono::sys_seconds(std::chrono::seconds(wishes_.now_unix)) +
                               std::chrono::floor<std::chrono::seconds>(random_.upto(most));
        return "\"" + format_rfc3339(wall_time(unix_time)) + "\"";
    }

    void add_text(std::string_view text) { plan_.bytes += text; }

    void begin_line(plan_item& item) { item.begin = plan_.bytes.size(); }

    // Writes an item's text and its line end; the last line may lack it.
    void end_line(plan_item& item, std::string_view rest, bool is_last)
    {
        add_text(rest);
        if (!is_last || !random_.one_in(3))
            add_text(newline_);
        item.line_end = plan_.bytes.size();
    }

    void begin_lines()
    {
        newline_ = random_.one_in(4) ? "\r\n" : "\n";
        if (random_.one_in(8))
            add_text("\xEF\xBB\xBF");
    }

    void add_front_matter()
    {
        if (options_.empty() && !random_.one_in(6))
            return;
        add_text("---" + newline_);
        for (const plan_option& option : options_)
            add_text(option.key + ": " + option.value + newline_);
        add_text("---" + newline_);
    }

    void render_text()
    {
        begin_lines();
        add_front_matter();
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            if (random_.one_in(30))
                add_text("# a comment" + newline_);
            if (random_.one_in(30))
                add_text(newline_);
            begin_line(plan_.items[i]);
            add_text(plan_.items[i].token);
            const bool is_last = i + 1 == plan_.items.size();
            end_line(plan_.items[i], random_.one_in(30) ? "  # why" : "", is_last);
        }
    }

    void render_csv()
    {
        begin_lines();
        add_front_matter();
        const std::string separator = random_.one_in(2) ? ";" : ",";
        const bool alone = random_.one_in(2);
        add_text((alone ? std::string("token") : "name" + separator + "campaign_token") + newline_);
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            begin_line(plan_.items[i]);
            if (!alone)
                add_text("\"spring, \"\"big\"\"\"" + separator);
            add_text(plan_.items[i].token);
            end_line(plan_.items[i], "", i + 1 == plan_.items.size());
        }
    }

    void render_jsonl()
    {
        begin_lines();
        if (!options_.empty())
            add_text("{\"job\": " + options_object() + "}" + newline_);
        for (std::size_t i = 0; i < plan_.items.size(); ++i) {
            const bool as_object = random_.one_in(3);
            begin_line(plan_.items[i]);
            add_text(as_object ? "{\"token\": \"" : "\"");
            add_text(plan_.items[i].token);
            add_text(as_object ? "\"}" : "\"");
            end_line(plan_.items[i], "", i + 1 == plan_.items.size());
        }
    }

    void render_json()
    {
        plan_.is_json = true;
        const bool as_object = !options_.empty() || random_.one_in(2);
        std::string head = "[";
        if (as_object) {
            head = "{";
            for (const plan_option& option : options_)
                head += "\"" + option.key + "\": " + option.value + ", ";
            head += "\"tokens\": [";
        }
        add_text(head);
        for (std::size_t i = 0; i < plan_.items.size(); ++i)
            add_text((i == 0 ? "\"" : ",\n \"") + plan_.items[i].token + "\"");
        add_text(as_object ? "]}" : "]");
        for (plan_item& item : plan_.items)
            item.line_end = plan_.bytes.size();
        if (random_.one_in(2))
            add_text("\n");
    }

    std::string options_object()
    {
        std::string text = "{";
        for (const plan_option& option : options_)
            text += (text.size() > 1 ? ", \"" : "\"") + option.key + "\": " + option.value;
        return text + "}";
    }

    random_source& random_;
    const plan_wishes& wishes_;
    job_plan plan_;
    std::vector<plan_option> options_;
    std::string newline_ = "\n";
};

}  // namespace

std::string token_text(std::uint64_t number)
{
    return fmt::format("{:016x}{:016x}", random_source(number).next(), number);
}

job_plan draw_plan(random_source& random, const plan_wishes& wishes)
{
    return drawer(random, wishes).draw();
}

job_plan plain_plan(const plan_wishes& wishes, std::size_t tokens)
{
    job_plan plan;
    plan.account = wishes.account;
    plan.folder = wishes.account;
    plan.name = fmt::format("plain-{}.txt", wishes.number);
    for (std::size_t i = 0; i < tokens; ++i) {
        plan_item item;
        item.token = token_text(wishes.first_token + i);
        item.begin = plan.bytes.size();
        plan.bytes += item.token;
        plan.bytes += "\n";
        item.line_end = plan.bytes.size();
        plan.items.push_back(item);
    }
    return plan;
}

std::size_t job_plan::whole_items(std::size_t size) const
{
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [&](const auto& item) { return item.line_end <= size; }
    ));
}

std::size_t job_plan::begun_items(std::size_t size) const
{
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [&](const auto& item) { return item.begin < size; }
    ));
}

}  // namespace reaper::test
