#pragma once
// Job files that people drop, and what SPEC 4 says of them: which tokens each prefix of the file
// names. Made together, so that the expectation owes nothing to the daemon's reader.

#include "sim/random_source.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace reaper::test {

struct plan_item
{
    enum class sort : std::uint8_t
    {
        token,
        repeated,
        invalid,
    };

    sort is = sort::token;
    std::string token;         // the text of an invalid one, too
    std::size_t begin = 0;     // offset of its line
    std::size_t line_end = 0;  // offset behind its line end; of `.json` the end of it all
};

struct job_plan
{
    enum class fate : std::uint8_t
    {
        taken,
        rejected,
    };

    // As dropped, and fit for a job id: after a power cut that may be all that is known of it.
    std::string name;
    std::string account;  // which one it runs under
    std::string folder;   // the account's folder, or empty for incoming/
    std::string bytes;
    std::vector<plan_item> items;
    bool is_json = false;  // only the whole file is one
    bool dry_run = false;
    bool has_count = false;  // only the whole file is one
    fate whole = fate::taken;

    // How many items a copy of the first `size` bytes holds: at least, and at most.
    [[nodiscard]] std::size_t whole_items(std::size_t size) const;
    [[nodiscard]] std::size_t begun_items(std::size_t size) const;
};

struct plan_wishes
{
    std::string account;
    bool default_account = false;
    std::uint64_t max_invalid = 0;
    std::uint64_t first_token = 0;  // tokens are numbered through the run
    std::uint64_t number = 0;       // of the file
    std::int64_t now_unix = 0;
    std::size_t tokens_max = 120;
};

// The token with this number in the run.
[[nodiscard]] std::string token_text(std::uint64_t number);

[[nodiscard]] job_plan draw_plan(random_source& random, const plan_wishes& wishes);

// Tokens that exist, and no option.
[[nodiscard]] job_plan plain_plan(const plan_wishes& wishes, std::size_t tokens);

}  // namespace reaper::test
