#pragma once
// The configuration as a tree of text with places, between YAML and the typed reader. Aliases,
// merges and `${NAME}` are resolved here; what the keys mean is not known here.

#include "reaper/io/config_yaml.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

struct config_place
{
    std::string file;
    int line = 0;
    int column = 0;
};

struct config_entry;

struct config_node
{
    enum class form : std::uint8_t
    {
        empty,   // `key:` without a value, `~` or `null`
        scalar,  // of any type: the reader of the key knows which
        list,    // no key takes one, so its elements are not kept
        map,
    };

    form is = form::empty;
    std::string text;
    bool is_private = false;  // holds the value of a variable: faults do not show it
    config_place place;
    std::vector<config_entry> entries;

    [[nodiscard]] config_entry* find(std::string_view key);
    [[nodiscard]] const config_entry* find(std::string_view key) const;
};

struct config_entry
{
    std::string key;
    config_place place;
    config_node value;
};

using config_faults = std::vector<config_fault>;

void add_fault(config_faults& faults, const config_place& place, std::string sentence);

// nullopt if the text is no YAML at all. With other faults there still is a tree, so that whoever
// reads on finds the rest of them.
[[nodiscard]] std::optional<config_node> parse_config_tree(
    std::string_view text,
    const std::string& file_name,
    const environment_map& environment,
    config_faults& faults
);

// True for text that may be a pasted key: a long run of letters and digits. It goes into no fault.
[[nodiscard]] bool looks_like_secret(std::string_view text);

// What a fault may say of a value.
[[nodiscard]] std::string shown_value(const config_node& node);

// What a fault may say of a word that was to be a key.
[[nodiscard]] std::string shown_key(std::string_view key);

}  // namespace reaper
