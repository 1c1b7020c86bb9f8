#include "sandbox/campaigns.hpp"

#include "sandbox/token_index.hpp"
#include "sandbox/tokens.hpp"

#include <fstream>
#include <utility>
#include <vector>

namespace sandbox {
namespace {

// The looks of a campaign follow from its position alone.
campaign_view describe(std::string token, std::uint64_t position)
{
    const std::uint64_t bits = mix_bits(position);
    return {std::move(token), position, (bits & 3) == 0, (bits & 4) == 0};
}

// Any well-formed token exists until it is deleted: only the deleted ones are remembered.
class any_campaign : public campaign_store
{
public:
    bool erase(std::string_view token) override
    {
        if (!is_hex_token(token))
            return false;
        const auto before = deleted_.size();
        deleted_.intern(token);
        return deleted_.size() != before;
    }

    std::optional<campaign_view> find(std::string_view token) const override
    {
        if (!is_hex_token(token) || deleted_.find(token))
            return std::nullopt;
        return describe(std::string(token), 0);
    }

    std::uint64_t positions() const override { return 0; }

    std::optional<campaign_view> at(std::uint64_t) const override { return std::nullopt; }

private:
    token_index deleted_;
};

// The first `count` tokens of a sequence: one bit each.
class generated_campaigns : public campaign_store
{
public:
    generated_campaigns(std::uint64_t seed, std::uint64_t count) : sequence_(seed), gone_(count) {}

    bool erase(std::string_view token) override
    {
        const auto index = index_of(token);
        if (!index || gone_[*index])
            return false;
        gone_[*index] = true;
        return true;
    }

    std::optional<campaign_view> find(std::string_view token) const override
    {
        const auto index = index_of(token);
        return index ? at(*index) : std::nullopt;
    }

    std::uint64_t positions() const override { return gone_.size(); }

    std::optional<campaign_view> at(std::uint64_t position) const override
    {
        if (gone_[position])
            return std::nullopt;
        return describe(format_token(sequence_.at(position)), position);
    }

private:
    std::optional<std::uint64_t> index_of(std::string_view token) const
    {
        const auto bits = parse_token(token);
        const auto index = bits ? sequence_.index_of(*bits) : std::nullopt;
        return index && *index < gone_.size() ? index : std::nullopt;
    }

    token_sequence sequence_;
    std::vector<bool> gone_;
};

// The tokens of a file, the first line the newest.
class listed_campaigns : public campaign_store
{
public:
    void add(std::string_view token) { tokens_.intern(token); }

    void seal() { gone_.resize(tokens_.size()); }

    bool erase(std::string_view token) override
    {
        const auto number = tokens_.find(token);
        if (!number || gone_[*number])
            return false;
        gone_[*number] = true;
        return true;
    }

    std::optional<campaign_view> find(std::string_view token) const override
    {
        const auto number = tokens_.find(token);
        return number ? at(*number) : std::nullopt;
    }

    std::uint64_t positions() const override { return gone_.size(); }

    std::optional<campaign_view> at(std::uint64_t position) const override
    {
        if (gone_[position])
            return std::nullopt;
        return describe(tokens_.text(static_cast<token_index::number>(position)), position);
    }

private:
    token_index tokens_;
    std::vector<bool> gone_;
};

result<std::unique_ptr<campaign_store>> read_campaigns(const std::string& name)
{
    std::ifstream file(name);
    if (!file)
        return reaper::system_fault("cannot open the campaigns file " + name);

    auto store = std::make_unique<listed_campaigns>();
    std::string line;
    for (std::uint64_t number = 1; std::getline(file, line); ++number) {
        line.resize(std::min(line.find('#'), line.size()));
        line.resize(line.find_last_not_of(" \t\r") + 1);
        if (line.empty())
            continue;
        if (!is_token_text(line))
            return fault{"line " + std::to_string(number) + " of " + name + " is not a token"};
        store->add(line);
    }
    store->seal();
    return std::unique_ptr<campaign_store>(std::move(store));
}

}  // namespace

result<std::unique_ptr<campaign_store>> make_campaign_store(
    const campaign_options& options, std::uint64_t seed
)
{
    std::unique_ptr<campaign_store> store;
    switch (options.from) {
        case campaign_options::source::any:
            store = std::make_unique<any_campaign>();
            break;
        case campaign_options::source::generated:
            store = std::make_unique<generated_campaigns>(seed, options.count);
            break;
        case campaign_options::source::file:
            return read_campaigns(options.file);
    }
    return store;
}

}  // namespace sandbox
