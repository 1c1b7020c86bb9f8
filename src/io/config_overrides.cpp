#include "config_overrides.hpp"

#include "config_schema.hpp"
#include "reaper/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper {

namespace {

constexpr std::string_view prefix = "CAMPAIGN_REAPER__";
constexpr std::string_view level = "__";

std::string lower_case(std::string_view text)
{
    std::string out{text};
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string as_variable(std::string_view key)
{
    std::string out = lower_case(key);
    std::ranges::replace(out, '-', '_');
    return out;
}

// True if the next level of `rest` is `key`.
bool begins_with(std::string_view rest, std::string_view key)
{
    const std::string word = as_variable(key);
    return rest == word || (rest.starts_with(word) && rest.substr(word.size()).starts_with(level));
}

// Removes `size` bytes and the underscores behind them.
void take_level(std::string_view& rest, std::size_t size)
{
    rest.remove_prefix(size);
    if (rest.starts_with(level))
        rest.remove_prefix(level.size());
}

class variable_override
{
public:
    variable_override(const std::string& variable, const std::string& value, config_faults& faults)
        : variable_(variable),
          value_(value),
          place_{"environment variable " + presentable(variable, {}, 120), 0, 0},
          faults_(faults)
    {
    }

    void apply(config_node& root)
    {
        const std::optional<std::vector<std::string>> keys = resolve(root);
        if (!keys)
            return;
        config_node* node = &root;
        for (const std::string& key : *keys) {
            if (node->is == config_node::form::empty)
                node->is = config_node::form::map;
            // A section that is something else in the file is a fault already.
            if (node->is != config_node::form::map)
                return;
            node = descend(*node, key);
        }
        node->is = config_node::form::scalar;
        node->text = value_;
        node->is_private = false;
        node->entries.clear();
        node->place = place_;
    }

private:
    // The keys that lead to the value, or a fault.
    std::optional<std::vector<std::string>> resolve(const config_node& root)
    {
        const std::string path = lower_case(variable_.substr(prefix.size()));
        std::string_view rest = path;
        std::string section;
        std::vector<std::string> keys;
        while (section.empty() || is_section(section)) {
            if (!section.empty() && rest.empty()) {
                add_fault(faults_, place_, "it names a section; add the name of a key behind `__`");
                return std::nullopt;
            }
            const bool names_account = section == "accounts";
            const std::optional<std::string> key =
                names_account ? account_key(root.find("accounts"), rest) : fixed_key(section, rest);
            if (!key)
                return std::nullopt;
            keys.push_back(*key);
            section = join_path(section, names_account ? "*" : *key);
        }
        if (rest.empty())
            return keys;
        add_fault(faults_, place_, fmt::format("the key {} has no keys below it", section));
        return std::nullopt;
    }

    std::optional<std::string> fixed_key(std::string_view section, std::string_view& rest)
    {
        for (const std::string_view key : keys_below(section)) {
            if (begins_with(rest, key)) {
                take_level(rest, key.size());
                return std::string{key};
            }
        }
        const std::string_view word = rest.substr(0, rest.find(level));
        add_fault(
            faults_,
            place_,
            fmt::format(
                "it names no key: there is no {}{}; {}",
                shown_key(word),
                section.empty() ? "" : fmt::format(" in {}", section),
                mend_for_unknown_key(section, word)
            )
        );
        return std::nullopt;
    }

    // The longest name that fits, as a name may hold two underscores itself.
    std::optional<std::string> account_key(const config_entry* accounts, std::string_view& rest)
    {
        static const std::vector<config_entry> none;
        const config_entry* best = nullptr;
        bool ambiguous = false;
        for (const config_entry& entry : accounts ? accounts->value.entries : none) {
            if (!begins_with(rest, entry.key))
                continue;
            if (best == nullptr || entry.key.size() > best->key.size()) {
                best = &entry;
                ambiguous = false;
            } else if (entry.key.size() == best->key.size()) {
                ambiguous = true;
            }
        }
        if (ambiguous) {
            add_fault(faults_, place_, "it fits more than one account; rename one of them");
            return std::nullopt;
        }
        if (best != nullptr) {
            take_level(rest, best->key.size());
            return best->key;
        }
        const std::string name{rest.substr(0, rest.find(level))};
        take_level(rest, name.size());
        return name;
    }

    config_node* descend(config_node& map, const std::string& key)
    {
        config_entry* entry = map.find(key);
        if (entry == nullptr) {
            config_node empty;
            empty.place = place_;
            entry = &map.entries.emplace_back(config_entry{key, place_, std::move(empty)});
        }
        return &entry->value;
    }

    const std::string& variable_;
    const std::string& value_;
    config_place place_;
    config_faults& faults_;
};

}  // namespace

void apply_overrides(config_node& root, const environment_map& environment, config_faults& faults)
{
    for (const auto& [variable, value] : environment) {
        if (variable.starts_with(prefix))
            variable_override(variable, value, faults).apply(root);
    }
}

}  // namespace reaper
