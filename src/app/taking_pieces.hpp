#pragma once
// What the three parts of `taking` share: small reads and writes with a sentence for each failure.

#include "reaper/base/result.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/model/job.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reaper {

// What one step reads or writes.
inline constexpr std::size_t piece_bytes = 256 * 1024;

inline std::int64_t modified_ns(const struct stat& about)
{
    return static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1'000'000'000 + about.st_mtim.tv_nsec;
}

// The format that the name tells. A name that is a job id as a whole has no ending.
inline std::optional<job_format> format_of_dropped(std::string_view name)
{
    return is_job_id(name) ? job_format::text : format_of_file(name);
}

// Up to `size` bytes at `offset`; none at the end of the file.
// Into `bytes`, which keeps its memory from piece to piece.
inline result<void> read_piece(int file, std::uint64_t offset, std::size_t size, std::string& bytes)
{
    bytes.resize(size);
    const ssize_t got = retry_interrupted([&] {
        return ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (got < 0)
        return system_fault("cannot read the file");
    bytes.resize(static_cast<std::size_t>(got));
    return {};
}

inline result<void> write_piece(int file, std::string_view bytes, const std::string& path)
{
    if (const int failed = write_all(file, bytes); failed != 0)
        return system_fault("cannot write " + path, failed);
    return {};
}

// A file in a directory that nobody else sees yet; not synced.
inline result<unique_fd> write_new_file(const std::string& path, std::string_view bytes)
{
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    unique_fd file{::open(path.c_str(), flags, 0640)};
    if (!file)
        return system_fault("cannot write " + path);
    if (auto written = write_piece(file.get(), bytes, path); !written)
        return written.error();
    return file;
}

}  // namespace reaper
