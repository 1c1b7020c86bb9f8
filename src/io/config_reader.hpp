#pragma once
// Typed access to one section of the configuration tree. A value that is not what its key takes
// becomes a fault with its place, and the default stays: reading goes on to find the rest.

#include "config_schema.hpp"
#include "config_tree.hpp"
#include "reaper/base/result.hpp"
#include "reaper/base/time.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reaper {

// The text of a value, and what a fault may say of it.
struct config_text
{
    std::string_view text;
    std::string shown;
};

class config_section
{
public:
    // `map` may be null: then every key is absent. It and `faults` must outlive the section.
    config_section(const config_node* map, config_place place, config_faults& faults);

    [[nodiscard]] config_section child(std::string_view key) const;

    // Where the section stands, for faults about what is missing in it.
    [[nodiscard]] const config_place& place() const { return place_; }

    [[nodiscard]] const std::vector<config_entry>& entries() const;

    // The value of a key that was said, or nullptr. One that is not a scalar, or has no value, is a
    // fault and counts as not said.
    [[nodiscard]] const config_node* scalar(std::string_view key) const;

    // Sets `out` if the key was said and `parse` takes its text.
    template <class T, class Parse>
    void read(std::string_view key, T& out, const Parse& parse) const
    {
        if (const config_node* node = scalar(key))
            read_node(key, *node, out, parse);
    }

    // The same for a key that `none` turns off, as it may be set for all accounts.
    template <class T, class Parse>
    void read_or_none(std::string_view key, T& out, const Parse& parse) const
    {
        const config_node* node = scalar(key);
        if (node != nullptr && node->text == "none")
            out = T{};
        else if (node != nullptr)
            read_node(key, *node, out, parse);
    }

    void refuse(const config_node& node, std::string_view key, std::string_view sentence) const;
    void refuse(std::string sentence) const;

private:
    template <class T, class Parse>
    void read_node(std::string_view key, const config_node& node, T& out, const Parse& parse) const
    {
        auto value = parse(config_text{node.text, shown_value(node)});
        if (value)
            out = std::move(*value);
        else
            refuse(node, key, value.error().sentence);
    }

    const config_node* map_;
    config_place place_;
    config_faults& faults_;
};

// Parsers for read(). Each takes a config_text and gives a value or a sentence.

struct duration_between
{
    duration min;
    duration max;

    [[nodiscard]] result<duration> operator()(const config_text& value) const;
};

struct size_between
{
    std::uint64_t min;
    std::uint64_t max;

    [[nodiscard]] result<std::uint64_t> operator()(const config_text& value) const;
};

struct number_between
{
    std::uint64_t min;
    std::uint64_t max;

    [[nodiscard]] result<std::uint64_t> operator()(const config_text& value) const;
};

struct count_between  // the same as `unsigned`
{
    unsigned min;
    unsigned max;

    [[nodiscard]] result<unsigned> operator()(const config_text& value) const;
};

// "50%" as a share of one.
[[nodiscard]] result<double> parse_percent(const config_text& value);

[[nodiscard]] result<bool> parse_truth(const config_text& value);

// An absolute path, without slashes at its end.
[[nodiscard]] result<std::string> parse_path(const config_text& value);

// A name that is fit for a folder: 1 to 64 of A-Z a-z 0-9 _ -
[[nodiscard]] bool is_name(std::string_view text);
[[nodiscard]] result<std::string> parse_name(const config_text& value);

[[nodiscard]] fault refusal_of_word(
    const config_text& value, const std::vector<std::string_view>& words
);

// One of a few words.
template <class T>
class one_of
{
public:
    one_of(std::initializer_list<std::pair<std::string_view, T>> words) : words_(words) {}

    [[nodiscard]] result<T> operator()(const config_text& value) const
    {
        std::vector<std::string_view> known;
        for (const auto& [word, meaning] : words_) {
            if (word == value.text)
                return meaning;
            known.push_back(word);
        }
        return refusal_of_word(value, known);
    }

private:
    std::vector<std::pair<std::string_view, T>> words_;
};

}  // namespace reaper
