#pragma once
// result<T>: a value, or a fault. A fault is a sentence that a person can act on (SPEC P8), with
// the errno behind it where there is one, so that policy can tell "disk full" from "no such file".

#include <boost/system/result.hpp>

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace reaper {

struct fault
{
    // What converts to a string; a number does not (0 would, as a null pointer).
    struct words
    {
        template <class Text>

        requires std::is_convertible_v<Text, std::string> words(Text&& given)
            : text(std::forward<Text>(given))
        {
        }

        std::string text;
    };

    std::string sentence;
    int error_number = 0;  // errno, or 0

    fault() = default;

    fault(std::string text, int number) : sentence(std::move(text)), error_number(number) {}

    // fault{"..."}: a list, so that a string alone does not make a fault. If it did, Boost would
    // not let a function of type result<std::string> return a string.
    fault(std::initializer_list<words> list) : sentence(list.begin()->text) {}

    friend bool operator==(const fault&, const fault&) = default;
};

static_assert(!std::is_constructible_v<fault, std::string>);

// Called by result<T>::value() on a fault. Code that has not checked first has a bug.
[[noreturn]] inline void throw_exception_from_error(const fault& f, const boost::source_location&)
{
    throw std::runtime_error(f.sentence);
}

template <class T>
using result = boost::system::result<T, fault>;

// True if what failed may succeed later, with nothing changed about the file that it was about: the
// machine ran out of something, or a device or a server did not answer.
[[nodiscard]] inline bool may_pass(const fault& f)
{
    constexpr int passing[] = {
        EIO,
        EMFILE,
        ENFILE,
        ENOMEM,
        ENOSPC,
        EDQUOT,
        EAGAIN,
        EINTR,
        EBUSY,
        ENOLCK,
        ESTALE,
        ETIMEDOUT,
    };
    return std::find(std::begin(passing), std::end(passing), f.error_number) != std::end(passing);
}

// "cannot open /x: No such file or directory", with the errno kept.
[[nodiscard]] inline fault system_fault(std::string what, int error_number = errno)
{
    what += ": ";
    what += std::generic_category().message(error_number);
    return fault{std::move(what), error_number};
}

}  // namespace reaper
