#pragma once
// The file `mark` of an active job: says, durably and ahead of sending, up to which token requests
// may have been sent (SPEC 5).

#include "reaper/base/result.hpp"
#include "reaper/core/mark_codec.hpp"
#include "reaper/io/file_ops.hpp"
#include "reaper/io/syncer.hpp"

#include <optional>
#include <string>

namespace reaper {

class mark_file
{
public:
    // Opens and reads the file, or makes it (0640, its directory entry durable).
    [[nodiscard]] static result<mark_file> open(const std::string& path);

    // Makes what was found durable. The process before may have been killed ahead of its sync: then
    // it is in the page cache only, and whoever relied on it would send what a power cut makes
    // forgotten.
    [[nodiscard]] result<void> settle();

    // What was found, or written since.
    [[nodiscard]] const mark_reading& reading() const { return reading_; }

    // Durable when it returns. After a fault the mark before still holds, and the same may be tried
    // again.
    [[nodiscard]] result<void> write(const send_mark& mark);

    // The same in three steps, for whoever does not wait: put() writes, a syncer syncs handle(),
    // and kept() says that it did. Nothing else is written meanwhile.
    [[nodiscard]] result<void> put(const send_mark& mark);

    [[nodiscard]] shared_fd handle() const { return file_; }

    void kept(const send_mark& mark);

private:
    mark_file(std::string path, unique_fd file)
        : path_(std::move(path)), file_(std::make_shared<const unique_fd>(std::move(file)))
    {
    }

    std::string path_;
    shared_fd file_;
    mark_reading reading_;
};

}  // namespace reaper
