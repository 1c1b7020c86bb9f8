#pragma once
// result<T>: a value, or a fault. A fault is a sentence that a person can act on (SPEC P8), with the
// errno behind it where there is one, so that policy can tell "disk full" from "no such file".

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <boost/system/result.hpp>

namespace reaper {

struct fault
{
    std::string sentence;
    int error_number = 0;  // errno, or 0

    friend bool operator==(const fault&, const fault&) = default;
};

// Called by result<T>::value() on a fault. Code that has not checked first has a bug.
[[noreturn]] inline void throw_exception_from_error(const fault& f, const boost::source_location&)
{
    throw std::runtime_error(f.sentence);
}

template <class T>
using result = boost::system::result<T, fault>;

// "cannot open /x: No such file or directory", with the errno kept.
[[nodiscard]] inline fault system_fault(std::string what, int error_number = errno)
{
    what += ": ";
    what += std::generic_category().message(error_number);
    return fault{std::move(what), error_number};
}

}  // namespace reaper
