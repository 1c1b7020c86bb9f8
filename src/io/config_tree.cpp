#include "config_tree.hpp"

#include "config_document.hpp"
#include "reaper/base/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>

namespace reaper {

namespace {

// Aliases let a short text stand for a huge tree, and even for an endless one (`a: &a {b: *a}`).
constexpr std::size_t nodes_max = 5'000;
constexpr int depth_max = 16;

constexpr std::size_t secret_run_min = 20;
constexpr std::size_t secret_digits_min = 4;

bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_variable_name(std::string_view text)
{
    return !text.empty() && is_letter(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
}

class tree_builder
{
public:
    tree_builder(
        const std::string& file_name, const environment_map& environment, config_faults& faults
    )
        : file_name_(file_name), environment_(environment), faults_(faults)
    {
    }

    // `fallback` is the place of an empty value: YAML knows only that of the next token.
    config_node build(const YAML::Node& from, const config_place& fallback, int depth)
    {
        config_node node;
        node.place = from.IsNull() ? fallback : place_of(from.Mark());
        if (++nodes_ > nodes_max || depth > depth_max) {
            refuse_size(node.place);
            return node;
        }
        if (from.IsScalar()) {
            node.is = config_node::form::scalar;
            node.text = expand(from.Scalar(), node);
        } else if (from.IsSequence()) {
            node.is = config_node::form::list;
        } else if (from.IsMap()) {
            node.is = config_node::form::map;
            build_entries(from, node, depth);
        }
        return node;
    }

    // What was built is a part of what there is.
    [[nodiscard]] bool size_refused() const { return size_refused_; }

    config_place place_of(const YAML::Mark& mark) const
    {
        if (mark.is_null())
            return {file_name_, 0, 0};
        return {file_name_, mark.line + 1, mark.column + 1};
    }

private:
    void build_entries(const YAML::Node& from, config_node& map, int depth)
    {
        std::vector<YAML::Node> merges;
        for (const auto& pair : from) {
            // Looking for keys that stand twice takes the square of their number.
            if (size_refused_)
                return;
            const config_place place = place_of(pair.first.Mark());
            if (!pair.first.IsScalar()) {
                add_fault(faults_, place, "a key must be a word; write `key: value`");
                continue;
            }
            const std::string& key = pair.first.Scalar();
            if (key == "<<") {
                merges.push_back(pair.second);
                continue;
            }
            if (const config_entry* first = map.find(key)) {
                refuse_duplicate(place, *first);
                continue;
            }
            map.entries.push_back({key, place, build(pair.second, place, depth + 1)});
        }
        for (const YAML::Node& source : merges) {
            if (!size_refused_)
                merge(source, map, depth);
        }
    }

    // `<<: *a` or `<<: [*a, *b]`: what is there already wins, then the earlier source.
    void merge(const YAML::Node& source, config_node& map, int depth)
    {
        if (source.IsMap()) {
            config_node merged = build(source, map.place, depth + 1);
            for (config_entry& entry : merged.entries) {
                if (map.find(entry.key) == nullptr)
                    map.entries.push_back(std::move(entry));
            }
        } else if (source.IsSequence()) {
            for (const YAML::Node& each : source) {
                // One level: a list in a list is no source, and could lead back to itself.
                if (each.IsMap())
                    merge(each, map, depth);
                else
                    refuse_merge(each, map);
            }
        } else {
            refuse_merge(source, map);
        }
    }

    // Replaces `${NAME}` and `$$`. Any other `$` stays, as a pattern may end in one.
    std::string expand(std::string_view text, config_node& node)
    {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const std::string_view rest = text.substr(i);
            if (rest.starts_with("$$")) {
                out += '$';
                ++i;
            } else if (rest.starts_with("${")) {
                const std::size_t end = rest.find('}');
                const std::string_view name =
                    rest.substr(2, end == rest.npos ? rest.npos : end - 2);
                node.is_private = true;
                if (end == rest.npos || !is_variable_name(name)) {
                    add_fault(
                        faults_,
                        node.place,
                        "`${` must be followed by the name of a variable and `}`; "
                        "write `$$` for a dollar sign"
                    );
                    return {};
                }
                out += value_of(name, node.place);
                i += end;
            } else {
                out += text[i];
            }
        }
        return out;
    }

    std::string_view value_of(std::string_view name, const config_place& place)
    {
        const auto found = environment_.find(std::string{name});
        if (found != environment_.end())
            return found->second;
        add_fault(
            faults_,
            place,
            fmt::format(
                "the environment variable {} is not set; set it, or write the value here",
                shown_key(name)
            )
        );
        return {};
    }

    void refuse_size(const config_place& place)
    {
        if (!size_refused_)
            add_fault(
                faults_,
                place,
                "there is too much here, or too deeply nested, when the aliases are followed"
            );
        size_refused_ = true;
    }

    void refuse_duplicate(const config_place& place, const config_entry& first)
    {
        add_fault(
            faults_,
            place,
            fmt::format(
                "the key {} stands here twice, first in line {}; remove one",
                shown_key(first.key),
                first.place.line
            )
        );
    }

    void refuse_merge(const YAML::Node& source, const config_node& map)
    {
        const config_place place = source.IsNull() ? map.place : place_of(source.Mark());
        add_fault(faults_, place, "`<<` merges maps only; write `<<: *name` of an anchored map");
    }

    const std::string& file_name_;
    const environment_map& environment_;
    config_faults& faults_;
    std::size_t nodes_ = 0;
    bool size_refused_ = false;
};

// yaml-cpp names neither text nor values in its messages, except behind a colon.
std::string yaml_sentence(const YAML::Exception& error)
{
    std::string_view message = error.msg;
    message = message.substr(0, message.find(':'));
    if (message == YAML::ErrorMsg::BAD_FILE)
        message = "it is nested too deeply";
    return fmt::format(
        "this is not YAML: {}; look for a missing quote, colon or indentation", message
    );
}

}  // namespace

config_entry* config_node::find(std::string_view key)
{
    const auto found = std::ranges::find(entries, key, &config_entry::key);
    return found == entries.end() ? nullptr : &*found;
}

const config_entry* config_node::find(std::string_view key) const
{
    const auto found = std::ranges::find(entries, key, &config_entry::key);
    return found == entries.end() ? nullptr : &*found;
}

void add_fault(config_faults& faults, const config_place& place, std::string sentence)
{
    faults.push_back({place.file, place.line, place.column, std::move(sentence)});
}

std::optional<config_node> parse_config_tree(
    std::string_view text,
    const std::string& file_name,
    const environment_map& environment,
    config_faults& faults
)
{
    tree_builder builder(file_name, environment, faults);
    try {
        const std::string bytes{text};
        if (const auto second = second_document(bytes)) {
            add_fault(
                faults,
                builder.place_of(*second),
                "the configuration ends before this; mend the line above, or remove what follows"
            );
            return std::nullopt;
        }
        const config_place top{file_name, 1, 1};
        config_node root = builder.build(YAML::Load(bytes), top, 0);
        if (builder.size_refused())
            return std::nullopt;
        if (root.is == config_node::form::empty)
            root.is = config_node::form::map;  // everything may come from the environment
        if (root.is == config_node::form::map)
            return root;
        add_fault(faults, root.place, "a configuration is a map; write `key: value` lines");
    } catch (const YAML::Exception& error) {
        const config_place place = builder.place_of(error.mark);
        add_fault(faults, place, yaml_sentence(error));
    } catch (const std::exception&) {
        // yaml-cpp lets some of the standard library's out, on text that is far from YAML.
        add_fault(faults, {file_name, 0, 0}, "this is not YAML; look for a missing quote or colon");
    }
    return std::nullopt;
}

bool looks_like_secret(std::string_view text)
{
    std::size_t run = 0;
    std::size_t digits = 0;
    for (const char c : text) {
        const bool digit = is_digit(c);
        if (!digit && (!is_letter(c) || c == '_')) {
            run = 0;
            digits = 0;
            continue;
        }
        ++run;
        digits += digit ? 1 : 0;
        if (run >= secret_run_min && digits >= secret_digits_min)
            return true;
    }
    return false;
}

std::string shown_value(const config_node& node)
{
    if (node.is_private || looks_like_secret(node.text))
        return "[not shown]";
    return presentable(node.text, {}, 60);
}

std::string shown_key(std::string_view key)
{
    if (looks_like_secret(key))
        return "[not shown]";
    return fmt::format("\"{}\"", presentable(key, {}, 40));
}

}  // namespace reaper
