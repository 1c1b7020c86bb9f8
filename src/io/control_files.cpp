#include "reaper/io/control_files.hpp"

#include "json_members.hpp"
#include "reaper/io/directory.hpp"
#include "reaper/io/file_ops.hpp"

#include <boost/json/array.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

namespace reaper {

namespace {

constexpr std::size_t request_bytes_max = 64 * 1024;
// More than this in one scan is somebody's mistake; the next scan has the rest.
constexpr std::size_t requests_max = 4096;
constexpr std::string_view want_prefix = "limit-";
constexpr std::string_view want_ending = ".want";

constexpr std::array all_orders = {
    job_order::hold, job_order::release, job_order::cancel, job_order::prioritize};

// "<id>.<order>", or nullopt.
std::optional<std::pair<std::string, job_order>> parse_name(std::string_view name)
{
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || !is_job_id(name.substr(0, dot)))
        return std::nullopt;
    const auto order = parse_job_order(name.substr(dot + 1));
    if (!order)
        return std::nullopt;
    return std::pair{std::string{name.substr(0, dot)}, *order};
}

result<std::string> read_request(int directory, const std::string& name, control_request& request)
{
    // Whoever may write here could put a link or a FIFO: neither is followed nor waited for.
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    const unique_fd file{::openat(directory, name.c_str(), flags)};
    struct stat about = {};
    if (file.get() < 0 || ::fstat(file.get(), &about) != 0)
        return system_fault("it cannot be read");
    if (!S_ISREG(about.st_mode) || static_cast<std::size_t>(about.st_size) > request_bytes_max)
        return fault{"it is not a small regular file"};
    request.changed_ns =
        static_cast<std::int64_t>(about.st_ctim.tv_sec) * 1'000'000'000 + about.st_ctim.tv_nsec;

    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    if (size < 0)
        return system_fault("it cannot be read");
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// A fault only for a reason that may pass: then all of them wait, so that their order is kept.
result<void> read_entry(
    const spool_paths& spool, int directory, const std::string& name, control_scan& scan
)
{
    const std::string path = spool.control + "/" + name;
    if (name.starts_with(want_prefix) && name.ends_with(want_ending)) {
        const auto size = name.size() - want_prefix.size() - want_ending.size();
        scan.wanted_limits.push_back(name.substr(want_prefix.size(), size));
        return {};
    }
    const auto parsed = parse_name(name);
    if (!parsed) {
        scan.refused.push_back(
            {path,
             "it is no order: the name must be <job-id>.hold, .release, .cancel or .prioritize"}
        );
        return {};
    }
    control_request request;
    request.path = path;
    std::tie(request.job, request.order) = *parsed;
    const auto text = read_request(directory, name, request);
    if (!text) {
        if (may_pass(text.error()))
            return fault{path + ": " + text.error().sentence, text.error().error_number};
        if (text.error().error_number != ENOENT)
            scan.refused.push_back({path, text.error().sentence});
        return {};
    }
    if (const auto understood = parse_control(*text, request); !understood) {
        scan.refused.push_back({path, understood.error().sentence});
        return {};
    }
    scan.requests.push_back(std::move(request));
    return {};
}

std::string render_content(const control_request& request)
{
    std::string text = fmt::format(R"({{"by": {})", json_quoted(request.by));
    if (request.order == job_order::release) {
        std::string ids;
        for (const auto id : request.holds)
            ids += (ids.empty() ? "" : ", ") + std::to_string(id);
        text += fmt::format(R"(, "holds": [{}])", ids);
    }
    if (request.prio)
        text += fmt::format(R"(, "priority": {})", json_quoted(to_string(*request.prio)));
    return text + "}\n";
}

}  // namespace

std::string_view to_string(job_order value)
{
    switch (value) {
        case job_order::hold:
            return "hold";
        case job_order::release:
            return "release";
        case job_order::cancel:
            return "cancel";
        case job_order::prioritize:
            return "prioritize";
    }
    return "";
}

std::optional<job_order> parse_job_order(std::string_view text)
{
    for (const auto order : all_orders) {
        if (to_string(order) == text)
            return order;
    }
    return std::nullopt;
}

result<void> parse_control(std::string_view text, control_request& request)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object, members_reader::nested{}};
    if (in.has("by"))
        request.by = presentable(in.text("by"), {}, 64);
    if (request.order == job_order::release) {
        for (const auto& id : in.array("holds"))
            request.holds.push_back(in.number_of(id, "holds"));
    }
    if (request.order == job_order::prioritize)
        request.prio = in.word("priority", &parse_priority);
    if (in.failure())
        return *in.failure();
    return {};
}

result<control_scan> read_control(const spool_paths& spool)
{
    auto listing = directory_listing::open(spool.control);
    if (!listing)
        return listing.error();
    control_scan scan;
    while (const auto name = listing->next()) {
        if (name->front() == '.')
            continue;
        if (scan.requests.size() + scan.refused.size() >= requests_max)
            break;
        if (auto read = read_entry(spool, listing->descriptor(), *name, scan); !read)
            return read.error();
    }
    if (listing->failed())
        return system_fault("cannot read the directory " + spool.control, listing->failure());
    std::sort(
        scan.requests.begin(),
        scan.requests.end(),
        [](const control_request& a, const control_request& b) {
            return std::tie(a.changed_ns, a.path) < std::tie(b.changed_ns, b.path);
        }
    );
    return scan;
}

result<void> remove_control(const std::string& path)
{
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return system_fault("cannot remove " + path);
    return {};
}

result<void> write_control(const spool_paths& spool, const control_request& request)
{
    const auto path = fmt::format("{}/{}.{}", spool.control, request.job, to_string(request.order));
    // Nothing in it is secret, and the daemon may be another user.
    return write_file_atomically(path, render_content(request), 0644);
}

std::string want_path(const spool_paths& spool, std::string_view limit_id)
{
    return spool.control + "/" + std::string{want_prefix} + std::string{limit_id} +
           std::string{want_ending};
}

}  // namespace reaper
