#include "reaper/cli/job_publisher.hpp"

#include "reaper/cli/option_writer.hpp"
#include "reaper/io/directory.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>
#include <vector>

namespace reaper {

namespace {

constexpr std::size_t chunk_bytes = 256 << 10;

const char* extension_of(job_format format)
{
    switch (format) {
        case job_format::text:
            return ".txt";
        case job_format::csv:
            return ".csv";
        case job_format::json:
            return ".json";
        case job_format::jsonl:
            return ".jsonl";
    }
    return "";
}

// The daemon reads the file as a member of the directory's group, which the file gets where the
// directory hands it down. Where it does not, only the others' bit is left.
mode_t mode_for(const std::string& directory)
{
    struct stat about = {};
    const bool hands_down =
        ::stat(directory.c_str(), &about) == 0 && (about.st_mode & S_ISGID) != 0;
    return hands_down ? 0640 : 0644;
}

fault cannot_write(const std::string& directory)
{
    const int why = errno;
    fault f = system_fault("cannot write into " + directory, why);
    if (why == EACCES || why == EPERM)
        f.sentence += ": ask for membership of the directory's group, or run the command as root";
    if (why == ENOENT)
        f.sentence +=
            ": the daemon makes it at its first start; check `spool` in the configuration";
    return f;
}

// Calls `use` with each piece of the file, until the end or a fault.
template <class Use>
result<void> for_each_chunk(const unique_fd& input, const Use& use)
{
    std::vector<char> buffer(chunk_bytes);
    off_t offset = 0;
    for (;;) {
        const ssize_t got = retry_interrupted([&] {
            return ::pread(input.get(), buffer.data(), buffer.size(), offset);
        });
        if (got < 0)
            return system_fault("cannot read it");
        if (got == 0)
            return {};
        offset += got;
        if (auto used = use(std::string_view(buffer.data(), static_cast<std::size_t>(got))); !used)
            return used;
    }
}

// Counts what the reader has ready.
result<void> drain(job_reader& reader)
{
    while (reader.next()) {
    }
    if (reader.failure())
        return *reader.failure();
    return {};
}

job_reading reading_of(const job_reader& reader)
{
    const auto lines = reader.first_invalid();
    return {reader.options(), reader.items(), reader.invalid(), {lines.begin(), lines.end()}};
}

// An unnamed file: nothing is left of it when the command ends, however it ends.
result<unique_fd> copy_of_stream(int stream, const std::string& directory)
{
    std::string name = directory + "/.submit-XXXXXX";
    unique_fd copy(::mkstemp(name.data()));
    if (!copy)
        return cannot_write(directory);
    ::unlink(name.c_str());
    std::vector<char> buffer(chunk_bytes);
    for (;;) {
        const ssize_t got =
            retry_interrupted([&] { return ::read(stream, buffer.data(), buffer.size()); });
        if (got < 0)
            return system_fault("cannot read it");
        if (got == 0)
            return copy;
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        if (const int failed = write_all(copy.get(), bytes); failed != 0)
            return system_fault("cannot copy standard input to " + directory, failed);
    }
}

}  // namespace

result<unique_fd> open_input(
    const std::string& path, int standard_input, const std::string& scratch_directory
)
{
    if (path == "-")
        return copy_of_stream(standard_input, scratch_directory);
    unique_fd input(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat about = {};
    if (!input || ::fstat(input.get(), &about) != 0)
        return system_fault("cannot open it");
    if (S_ISDIR(about.st_mode))
        return fault{"it is a directory: name the files in it"};
    if (!S_ISREG(about.st_mode))
        return copy_of_stream(input.get(), scratch_directory);
    return input;
}

result<job_reading> read_job_file(const unique_fd& input, job_format format, const token_rule* rule)
{
    job_reader reader(format, rule);
    auto read = for_each_chunk(input, [&](std::string_view bytes) {
        reader.feed(bytes);
        return drain(reader);
    });
    if (!read)
        return read.error();
    reader.finish();
    if (auto rest = drain(reader); !rest)
        return rest.error();
    return reading_of(reader);
}

staged_job::staged_job(std::string directory, std::string id, job_format format)
    : directory_(std::move(directory)),
      id_(std::move(id)),
      temporary_(directory_ + "/." + id_ + ".tmp"),
      final_(directory_ + "/" + id_ + extension_of(format))
{
}

staged_job::staged_job(staged_job&& other) noexcept
    : directory_(std::move(other.directory_)),
      id_(std::move(other.id_)),
      temporary_(std::exchange(other.temporary_, {})),
      final_(std::move(other.final_)),
      reading_(std::move(other.reading_))
{
}

staged_job& staged_job::operator=(staged_job&& other) noexcept
{
    if (this != &other) {
        discard();
        directory_ = std::move(other.directory_);
        id_ = std::move(other.id_);
        temporary_ = std::exchange(other.temporary_, {});
        final_ = std::move(other.final_);
        reading_ = std::move(other.reading_);
    }
    return *this;
}

staged_job::~staged_job()
{
    discard();
}

void staged_job::discard() noexcept
{
    if (!temporary_.empty())
        ::unlink(temporary_.c_str());
    temporary_.clear();
}

result<staged_job> staged_job::write(
    const unique_fd& input,
    job_format format,
    const std::string& directory,
    const std::string& id,
    const job_options& added,
    const job_options& wanted,
    const job_reading& seen,
    const token_rule& rule
)
{
    staged_job job(directory, id, format);
    const unique_fd file(
        ::open(job.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)
    );
    if (!file) {
        job.temporary_.clear();  // it is not ours
        return cannot_write(directory);
    }
    option_writer writer(format, added);
    job_reader reader(format, &rule);
    const auto put = [&](const std::string& bytes) -> result<void> {
        reader.feed(bytes);
        if (auto read = drain(reader); !read)
            return read;
        if (const int failed = write_all(file.get(), bytes); failed != 0)
            return system_fault("cannot write " + job.temporary_, failed);
        return {};
    };
    auto copied = for_each_chunk(input, [&](std::string_view bytes) {
        std::string out;
        writer.feed(bytes, out);
        return put(out);
    });
    std::string last;
    writer.finish(last);
    if (copied)
        copied = put(last);
    reader.finish();
    if (copied)
        copied = drain(reader);
    if (!copied)
        return copied.error();
    job.reading_ = reading_of(reader);
    if (job.reading_.items != seen.items || job.reading_.options != wanted) {
        return fault{
            "it changed while it was read, or has its options in a form that flags cannot be added "
            "to: write all options into the file, and submit it again"};
    }
    if (::fchmod(file.get(), mode_for(directory)) != 0 || ::fsync(file.get()) != 0)
        return system_fault("cannot sync " + job.temporary_);
    return job;
}

result<void> staged_job::publish()
{
    // Job ids hold random digits, so that nothing of this name is there; if it is after all, it is
    // another's job, and is not replaced.
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, final_.c_str(), RENAME_NOREPLACE) !=
        0) {
        if (errno != EINVAL && errno != ENOSYS)
            return system_fault("cannot publish " + final_);
        // Some file systems know the plain rename only.
        if (::access(final_.c_str(), F_OK) == 0)
            return fault{"cannot publish " + final_ + ": it is there already; submit it again"};
        if (auto renamed = rename_surely(temporary_, final_); !renamed)
            return renamed;
    }
    temporary_.clear();
    return sync_directory(directory_);
}

}  // namespace reaper
