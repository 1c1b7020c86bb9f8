#pragma once
// What the files posix_wrap_*.cpp share. The linker sends the calls of the code under test there
// (--wrap, in CMakeLists.txt): `__wrap_x` is called where the code says `x`, and `__real_x` is the
// C library's. What belongs to the active model goes to it, everything else goes on to the kernel.

#include "sim/disk_model.hpp"

#include <cerrno>

namespace reaper::test {

// The model that a path belongs to, or null.
inline disk_calls* owner_of(const char* path)
{
    disk_model* const model = disk_model::active();
    return model != nullptr && model->owns(path) ? &model->posix() : nullptr;
}

// The same of a path that may be relative to a descriptor.
inline disk_calls* owner_of(int directory, const char* path)
{
    disk_model* const model = disk_model::active();
    if (model == nullptr)
        return nullptr;
    const bool is_below_ours = directory >= disk_descriptor_base && *path != '/';
    return is_below_ours || model->owns(path) ? &model->posix() : nullptr;
}

inline disk_calls* owner_of_file(int file)
{
    if (file < disk_descriptor_base)
        return nullptr;
    disk_model* const model = disk_model::active();
    return model != nullptr ? &model->posix() : nullptr;
}

inline disk_calls* owner_of_stream(const void* stream)
{
    disk_model* const model = disk_model::active();
    return model != nullptr && model->posix().is_stream(stream) ? &model->posix() : nullptr;
}

// What the C library makes of the kernel's answer.
template <class Answer>
Answer answer(Answer value)
{
    if (value >= 0)
        return value;
    errno = static_cast<int>(-value);
    return -1;
}

}  // namespace reaper::test
