#include "sim/disk_faults.hpp"

namespace reaper::test {

namespace {

bool fits(const fault_rule& rule, call_kind kind, std::string_view path)
{
    if (rule.kind && *rule.kind != kind)
        return false;
    if (rule.error == 0 ? kind != call_kind::read && kind != call_kind::write
                        : !may_fail_with(kind, rule.error))
        return false;
    return rule.path_part.empty() || path.find(rule.path_part) != std::string_view::npos;
}

}  // namespace

std::string_view to_string(call_kind kind)
{
    switch (kind) {
        case call_kind::open:
            return "open";
        case call_kind::close:
            return "close";
        case call_kind::read:
            return "read";
        case call_kind::write:
            return "write";
        case call_kind::sync:
            return "sync";
        case call_kind::sync_range:
            return "sync_range";
        case call_kind::rename:
            return "rename";
        case call_kind::link:
            return "link";
        case call_kind::unlink:
            return "unlink";
        case call_kind::make_directory:
            return "make_directory";
        case call_kind::remove_directory:
            return "remove_directory";
        case call_kind::stat:
            return "stat";
        case call_kind::list:
            return "list";
        case call_kind::reserve:
            return "reserve";
        case call_kind::resize:
            return "resize";
        case call_kind::space:
            return "space";
        case call_kind::lock:
            return "lock";
        case call_kind::lease:
            return "lease";
        case call_kind::mode:
            return "mode";
    }
    return "";
}

bool may_fail_with(call_kind kind, int error)
{
    if (kind == call_kind::close)
        return false;
    switch (error) {
        case EINTR:
            return kind == call_kind::open || kind == call_kind::read || kind == call_kind::write ||
                   kind == call_kind::sync || kind == call_kind::reserve ||
                   kind == call_kind::resize || kind == call_kind::space;
        case ENOSPC:
        case EDQUOT:
            return kind == call_kind::open || kind == call_kind::write || kind == call_kind::sync ||
                   kind == call_kind::rename || kind == call_kind::link ||
                   kind == call_kind::make_directory || kind == call_kind::reserve;
        case EMFILE:
        case ENFILE:
            return kind == call_kind::open;
        case ENOLCK:
            return kind == call_kind::lock;
        case EOPNOTSUPP:
            return kind == call_kind::reserve;
        default:
            return true;
    }
}

verdict disk_faults::judge(call_kind kind, std::string_view path)
{
    verdict found;
    for (auto& [rule, seen] : rules_) {
        if (!fits(rule, kind, path))
            continue;
        const auto number = seen++;
        if (number < rule.skip || number - rule.skip >= rule.times || found.error != 0)
            continue;
        ++hits_;
        found.error = rule.error;
        found.takes_effect = rule.takes_effect;
        if (rule.error == 0)
            found.bytes_max = rule.bytes_max;
    }
    return found;
}

}  // namespace reaper::test
