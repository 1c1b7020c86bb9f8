#pragma once
// The endpoint of an account: a URL, taken apart.

#include "config_reader.hpp"
#include "reaper/model/settings.hpp"

namespace reaper {

// https://HOST[:PORT][/PREFIX], or http:// to a loopback host (SPEC 8). User, query and fragment
// are refused. An IPv6 host is stored without its brackets. No fault quotes the text: a key may
// have been pasted into it.
[[nodiscard]] result<endpoint_settings> parse_endpoint(const config_text& value);

// 127.0.0.0/8, ::1 and localhost.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace reaper
