#include "reaper/io/job_files.hpp"

#include "json_members.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/spool.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace reaper {

namespace {

// No file of a job but input and results is longer: 10,000 provisional or unknown tokens fit.
constexpr std::size_t file_bytes_max = 16u << 20;

std::string hex_to_bytes(std::string_view hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned value = 0;
        const auto* end = hex.data() + i + 2;
        if (std::from_chars(hex.data() + i, end, value, 16).ptr != end)
            return {};
        bytes += static_cast<char>(value);
    }
    return bytes;
}

// Reads <directory>/<name> and names it in the fault.
template <class Parse>
auto read_and_parse(const std::string& directory, std::string_view name, Parse parse)
    -> decltype(parse(std::string_view{}))
{
    const auto path = directory + "/" + std::string{name};
    const auto text = read_file_bounded(path, file_bytes_max);
    if (!text)
        return text.error();
    auto parsed = parse(*text);
    if (!parsed)
        return fault{path + ": " + parsed.error().sentence, parsed.error().error_number};
    return parsed;
}

}  // namespace

std::string render_manifest(const job_manifest& manifest)
{
    members_writer out;
    out.text("id", manifest.id);
    out.text("file", manifest.file);
    out.text("file_format", to_string(manifest.format));
    out.number("size", manifest.size);
    out.text("sha256", manifest.sha256);
    out.text("account", manifest.account);
    out.text("kind", to_string(manifest.kind));
    out.text("endpoint", manifest.endpoint);
    out.flag("dry_run", manifest.dry_run);
    out.raw("options", boost::json::serialize(options_to_json(manifest.options)));
    out.number("total", manifest.total);
    out.number("invalid", manifest.invalid);
    out.number("duplicates", manifest.duplicates);
    out.text("dropped_by", manifest.dropped_by);
    out.time("submitted_at", manifest.submitted_at);
    return std::move(out).finish();
}

result<job_manifest> parse_manifest(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    job_manifest manifest;
    manifest.id = in.text("id");
    manifest.file = in.text("file");
    manifest.format = in.word("file_format", &parse_job_format);
    manifest.size = in.number("size");
    manifest.sha256 = in.text("sha256");
    manifest.account = in.text("account");
    manifest.kind = in.word("kind", &parse_campaign_kind);
    manifest.endpoint = in.text("endpoint");
    manifest.dry_run = in.flag("dry_run");
    manifest.total = in.number("total");
    manifest.invalid = in.number("invalid");
    manifest.duplicates = in.number("duplicates");
    manifest.dropped_by = in.text("dropped_by");
    manifest.submitted_at = in.time("submitted_at");
    auto options = options_from_json(in.object("options"));
    if (!options)
        in.fail(options.error());
    if (in.failure())
        return *in.failure();
    manifest.options = std::move(*options);
    return manifest;
}

std::string render_rejection(const rejection& why)
{
    members_writer out;
    out.text("id", why.id);
    out.text("file", why.file);
    out.text("reason", why.reason);
    if (!why.lines.empty()) {
        std::string lines;
        for (const auto line : why.lines)
            lines += (lines.empty() ? "[" : ", ") + std::to_string(line);
        out.raw("lines", lines + "]");
    }
    if (!why.account.empty())
        out.text("account", why.account);
    out.text("dropped_by", why.dropped_by);
    out.time("at", why.at);
    return std::move(out).finish();
}

result<rejection> parse_rejection(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    rejection why;
    why.id = in.text("id");
    why.file = in.text("file");
    why.reason = in.text("reason");
    if (in.has("lines")) {
        for (const auto& line : in.array("lines"))
            why.lines.push_back(in.number_of(line, "lines"));
    }
    if (in.has("account"))
        why.account = in.text("account");
    why.dropped_by = in.text("dropped_by");
    why.at = in.time("at");
    if (in.failure())
        return *in.failure();
    return why;
}

std::string render_origin(const file_origin& origin)
{
    members_writer out;
    // Hexadecimal: a file's name may be any bytes, JSON text may not.
    out.text("name_hex", to_hex(origin.name));
    out.text("account", origin.account);
    return std::move(out).finish();
}

result<file_origin> parse_origin(std::string_view text)
{
    const auto object = parse_object(text);
    if (!object)
        return object.error();
    members_reader in{*object};
    file_origin origin;
    origin.name = hex_to_bytes(in.text("name_hex"));
    origin.account = in.text("account");
    if (in.failure())
        return *in.failure();
    if (origin.name.empty())
        return fault{"\"name_hex\" is not hexadecimal"};
    return origin;
}

result<job_manifest> read_manifest(const std::string& job_directory)
{
    return read_and_parse(job_directory, manifest_file, &parse_manifest);
}

result<job_state> read_job_state(const std::string& job_directory)
{
    return read_and_parse(job_directory, state_file, &parse_job_state);
}

result<job_summary> read_summary(const std::string& job_directory)
{
    return read_and_parse(job_directory, summary_file, &parse_summary);
}

result<rejection> read_rejection(const std::string& job_directory)
{
    return read_and_parse(job_directory, reason_file, &parse_rejection);
}

result<void> write_job_state(const std::string& job_directory, const job_state& state)
{
    return write_file_atomically(
        job_directory + "/" + std::string{state_file}, render_job_state(state), 0640
    );
}

}  // namespace reaper
