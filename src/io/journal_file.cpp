#include "reaper/io/journal_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cassert>

namespace reaper {

result<journal_file> journal_file::open(const std::string& path)
{
    auto file = open_or_make(path, 0640);
    if (!file)
        return file.error();
    return journal_file(path, std::move(*file));
}

result<std::uint64_t> journal_file::size() const
{
    struct stat about = {};
    if (::fstat(file_->get(), &about) != 0)
        return system_fault("cannot look at " + path_);
    return static_cast<std::uint64_t>(about.st_size);
}

result<std::string> journal_file::read_at(std::uint64_t offset, std::size_t bytes_max) const
{
    std::string bytes(bytes_max, '\0');
    std::size_t done = 0;
    while (done < bytes_max) {
        const ssize_t got = retry_interrupted([&] {
            return ::pread(
                file_->get(),
                bytes.data() + done,
                bytes_max - done,
                static_cast<off_t>(offset + done)
            );
        });
        if (got < 0)
            return system_fault("cannot read " + path_);
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

result<void> journal_file::write_at(std::uint64_t offset, std::string_view bytes)
{
    if (const int failed = write_all_at(file_->get(), offset, bytes); failed != 0)
        return system_fault("cannot write " + path_, failed);
    return {};
}

result<void> journal_file::sync()
{
    if (const int failed = sync_data(file_->get()); failed != 0)
        return system_fault("cannot sync " + path_, failed);
    return {};
}

result<void> journal_file::truncate(std::uint64_t size)
{
    if (retry_interrupted([&] { return ::ftruncate(file_->get(), static_cast<off_t>(size)); }) != 0)
        return system_fault("cannot cut " + path_);
    return {};
}

result<bool> journal_file::reserve(std::uint64_t from, std::uint64_t upto)
{
    assert(from <= upto);
    if (from == upto)
        return true;
    const int failed = retry_interrupted([&] {
        return ::fallocate(
            file_->get(),
            FALLOC_FL_KEEP_SIZE,
            static_cast<off_t>(from),
            static_cast<off_t>(upto - from)
        );
    });
    if (failed == 0)
        return true;
    if (errno == EOPNOTSUPP || errno == ENOSYS)
        return false;
    return system_fault("cannot reserve space for " + path_);
}

result<std::uint64_t> journal_file::free_bytes() const
{
    struct statvfs about = {};
    if (retry_interrupted([&] { return ::fstatvfs(file_->get(), &about); }) != 0)
        return system_fault("cannot learn how much space is left for " + path_);
    return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

result<void> journal_file::release_reserve(std::uint64_t size)
{
    if (auto cut = truncate(size); !cut)
        return cut;
    // ext4 and xfs have let go of it now. tmpfs does so only for a hole, and whoever knows no holes
    // has reserved nothing: the answer does not matter.
    constexpr std::uint64_t far_beyond = std::uint64_t{1} << 40;
    (void)::fallocate(
        file_->get(),
        FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
        static_cast<off_t>(size),
        static_cast<off_t>(far_beyond)
    );
    return {};
}

}  // namespace reaper
