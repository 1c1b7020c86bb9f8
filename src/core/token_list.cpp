#include "reaper/core/token_list.hpp"

#include "reaper/model/token.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reaper {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// What stands in a line without its comment and the blanks around; empty if nothing does.
std::string_view content_of(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    line = line.substr(0, line.find('#'));
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return line.substr(first, line.find_last_not_of(" \t") - first + 1);
}

}  // namespace

result<token_list> token_list::parse(std::string_view text)
{
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    token_list list;
    for (std::uint64_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view token = content_of(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (token.empty())
            continue;
        if (!has_token_form(token))
            return fault{fmt::format(
                "line {} is no token: write one token a line, comments behind #", line
            )};
        list.add(token);
    }
    list.sort();
    return list;
}

bool token_list::contains(std::string_view token) const
{
    const auto found = std::lower_bound(
        entries_.begin(),
        entries_.end(),
        token,
        [this](entry e, std::string_view wanted) { return text_of(e) < wanted; }
    );
    return found != entries_.end() && text_of(*found) == token;
}

std::string_view token_list::text_of(entry e) const
{
    return std::string_view(text_).substr(e.start, e.size);
}

void token_list::add(std::string_view token)
{
    entry added{};
    added.start = text_.size() & ((std::uint64_t{1} << 56) - 1);
    added.size = static_cast<std::uint8_t>(token.size());
    entries_.push_back(added);
    text_ += token;
}

void token_list::sort()
{
    std::sort(entries_.begin(), entries_.end(), [this](entry a, entry b) {
        return text_of(a) < text_of(b);
    });
    const auto same = [this](entry a, entry b) { return text_of(a) == text_of(b); };
    entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
    entries_.shrink_to_fit();
    text_.shrink_to_fit();
}

}  // namespace reaper
