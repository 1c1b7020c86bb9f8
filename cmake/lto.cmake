# What a token costs is spread over many small functions in many sources: optimised across them, the daemon
# needs a tenth fewer instructions. The objects hold both forms, so tests link the usual one as fast as ever
# (and the simulation's, which puts calls of its own in the place of the system's, can), and only the daemon
# is optimised as a whole.
#
# reaper_lto_library(<target>) makes such objects, reaper_lto_program(<target>) links them.
if(REAPER_LTO)
    add_link_options(-fno-lto)
endif()

function(reaper_lto_library target)
    if(REAPER_LTO)
        target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
    endif()
endfunction()

function(reaper_lto_program target)
    if(REAPER_LTO)
        reaper_lto_library(${target})
        target_link_options(${target} PRIVATE -flto=auto)
    endif()
endfunction()
