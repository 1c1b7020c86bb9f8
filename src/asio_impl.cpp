// The one translation unit that holds the bodies of Asio and Beast (see reaper_asio in
// src/CMakeLists.txt): everywhere else their headers only declare, which halves the build.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
