# One interface target carries the warnings of all our code.
add_library(reaper_warnings INTERFACE)
target_compile_options(
    reaper_warnings
    INTERFACE
        -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual
        -Wformat=2 -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough
        # Known to g++ only; clang builds the fuzz targets.
        $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
)
if(REAPER_WERROR)
    target_compile_options(reaper_warnings INTERFACE -Werror)
endif()
