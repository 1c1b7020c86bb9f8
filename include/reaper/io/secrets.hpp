#pragma once
// Key material: where it is read from, and how a change is noticed. It lives here and in what is
// made for a connection, never in settings. No fault of this file quotes any of it (SPEC P6, 8).

#include "reaper/base/result.hpp"
#include "reaper/model/settings.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reaper {

struct account_secrets
{
    std::string api_key;       // fit for the path of a URL: A-Z a-z 0-9 . _ -
    std::string rest_api_key;  // fit for the value of a header: visible ASCII

    friend bool operator==(const account_secrets&, const account_secrets&) = default;
};

// Reads one secret and trims one line end behind it. A fault if it is missing, empty, longer than
// 4 KiB, holds a byte that is not visible ASCII, or lies in a file that everybody may read.
// A credential is looked for in $CREDENTIALS_DIRECTORY of `environment`.
[[nodiscard]] result<std::string> load_secret(
    const secret_source& source, const std::map<std::string, std::string>& environment
);

// Both secrets of an account. A fault names the account and which of them it is.
[[nodiscard]] result<account_secrets> load_account_secrets(
    const account_settings& account, const std::map<std::string, std::string>& environment
);

// What changes when a file is written or replaced. All zero if there is none.
struct file_stamp
{
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

// Links are followed: Kubernetes replaces a secret by moving a link.
[[nodiscard]] file_stamp stamp_of(const std::string& path);

// The stamps of an account's key files and CA file. Take them before the files are read: then a
// change in between is seen at the next look, instead of never.
[[nodiscard]] std::vector<file_stamp> stamps_of(const account_settings& account);

}  // namespace reaper
