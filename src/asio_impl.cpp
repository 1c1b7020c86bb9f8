// The one translation unit that holds the bodies of Asio (see reaper_asio in src/CMakeLists.txt):
// everywhere else its headers only declare, which halves the build.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
