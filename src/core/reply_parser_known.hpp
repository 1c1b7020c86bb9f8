#pragma once
// Part of core/reply_parser: the answers that are taken without Boost.Beast, because their heads
// say what one that it has read before says.
//
// A server may have a few forms of heads: with a field that comes and goes, for one status or
// another. The forms that were met last are remembered, each with what Beast has read in it.

#include "reply_parser_pattern.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reaper {

// Heads of one form: the last of them, and a pattern for those that differ from it.
class known_form
{
public:
    explicit known_form(const reply_limits& limits) : pattern_(limits) {}

    void learn(std::string_view head, const head_meaning& meaning)
    {
        remember(head, meaning);
        pattern_.learn(head, meaning);
    }

    // True if the bytes begin with a whole answer whose head is the last one's, byte for byte.
    [[nodiscard]] bool take_same(std::string_view bytes) const
    {
        return !head_.empty() && bytes.size() >= answer_bytes() && bytes.starts_with(head_);
    }

    // True if they begin with one that is like it: it is the last one from now on.
    [[nodiscard]] bool take_alike(std::string_view bytes)
    {
        head_meaning found;
        if (bytes.empty() || pattern_.match(bytes, found) != head_pattern::fit::whole)
            return false;
        remember(bytes.substr(0, found.head_bytes), found);
        return true;
    }

    // True for the beginning of such an answer, and no more than that: the next bytes will tell.
    [[nodiscard]] bool is_begun(std::string_view bytes)
    {
        head_meaning found;
        return (bytes.size() < answer_bytes() &&
                bytes.starts_with(std::string_view(head_).substr(0, bytes.size()))) ||
               pattern_.match(bytes, found) == head_pattern::fit::begun;
    }

    // What the last head says.
    [[nodiscard]] const head_meaning& last() const { return last_; }

    [[nodiscard]] std::size_t answer_bytes() const { return last_.head_bytes + last_.body_bytes; }

private:
    void remember(std::string_view head, const head_meaning& meaning)
    {
        if (head.size() == head_.size())
            head.copy(head_.data(), head.size());  // nearly always: assigning costs thrice
        else
            head_ = head;
        last_ = meaning;
    }

    std::string head_;  // the last that was read in full; empty if there is none yet
    head_meaning last_;
    head_pattern pattern_;  // by the last that Beast has read
};

class known_heads
{
public:
    explicit known_heads(const reply_limits& limits)
        : limits_(limits), forms_(1, known_form(limits))
    {
    }

    // Takes what Beast has read, as head_pattern does; if there are enough forms, in place of the
    // one that was met the longest ago.
    void learn(std::string_view head, const head_meaning& meaning)
    {
        if (forms_.size() < forms_max) {
            order_[forms_.size()] = forms_.size();
            forms_.emplace_back(limits_);
        }
        bring_to_front(forms_.size() - 1);
        latest().learn(head, meaning);
    }

    // True if the bytes begin with a whole answer of one of the forms: it is the last one from now
    // on.
    [[nodiscard]] bool take(std::string_view bytes)
    {
        // To compare with all of them is cheaper than to look for what may differ in one.
        const auto same = [bytes](const known_form& form) { return form.take_same(bytes); };
        const auto alike = [bytes](known_form& form) { return form.take_alike(bytes); };
        return same(latest()) || bring_first(1, same) || bring_first(0, alike);
    }

    // True for the beginning of an answer of one of the forms, and no more than that.
    [[nodiscard]] bool is_begun(std::string_view bytes)
    {
        return !bytes.empty() && std::ranges::any_of(forms_, [bytes](known_form& each) {
            return each.is_begun(bytes);
        });
    }

    // What the last head says.
    [[nodiscard]] const head_meaning& last() const { return forms_[order_[0]].last(); }

    [[nodiscard]] std::size_t answer_bytes() const { return forms_[order_[0]].answer_bytes(); }

    // Of the form whose last answer was the longest.
    [[nodiscard]] std::size_t answer_bytes_max() const
    {
        std::size_t most = 0;
        for (const known_form& each : forms_)
            most = std::max(most, each.answer_bytes());
        return most;
    }

private:
    static constexpr std::size_t forms_max = 4;

    [[nodiscard]] known_form& latest() { return forms_[order_[0]]; }

    // The form that was met last of those of which it is true, from a place in the order on.
    template <class Rule>
    [[nodiscard]] bool bring_first(std::size_t from, const Rule& is_it)
    {
        for (std::size_t place = from; place < forms_.size(); ++place) {
            if (is_it(forms_[order_[place]])) {
                bring_to_front(place);
                return true;
            }
        }
        return false;
    }

    void bring_to_front(std::size_t place)
    {
        const auto begin = order_.begin();
        std::rotate(
            begin,
            begin + static_cast<std::ptrdiff_t>(place),
            begin + static_cast<std::ptrdiff_t>(place) + 1
        );
    }

    const reply_limits& limits_;
    std::vector<known_form> forms_;               // at least one, at most forms_max
    std::array<std::size_t, forms_max> order_{};  // of their indices: the one met last comes first
};

}  // namespace reaper
