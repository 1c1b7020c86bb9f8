# reaper_unity(<target> [ALWAYS] [PROGRAM] [ALONE <source>...]) joins the sources of a target where
# REAPER_UNITY is on (preset asan), or always: what a sanitizer adds to std::vector is then compiled once for
# a group of files, and not once for each. Debug, release and packagers' builds compile each source by
# itself, which shows what it forgot to include.
#
# PROGRAM refuses types of one name in two files of what becomes one program. ALONE are sources that must
# keep an object of their own; those with definitions of their own do anyway.
function(reaper_unity target)
    cmake_parse_arguments(ARG "ALWAYS;PROGRAM" "" "ALONE" ${ARGN})
    if(NOT REAPER_UNITY AND NOT ARG_ALWAYS)
        return()
    endif()
    find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
    get_target_property(sources ${target} SOURCES)
    list(TRANSFORM sources PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
    list(TRANSFORM ARG_ALONE PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
    foreach(source IN LISTS sources)
        get_source_file_property(definitions ${source} COMPILE_DEFINITIONS)
        if(definitions)
            list(APPEND ARG_ALONE ${source})
        endif()
    endforeach()
    set(check "")
    if(ARG_PROGRAM)
        set(check --program)
    endif()
    execute_process(
        COMMAND
            ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/cmake/unity.py ${check}
            --out ${PROJECT_BINARY_DIR}/unity/${target} --alone ${ARG_ALONE} -- ${sources}
        OUTPUT_VARIABLE joined COMMAND_ERROR_IS_FATAL ANY
    )
    set_target_properties(${target} PROPERTIES SOURCES "${joined}")
    # A name that moves from file to file may change the groups.
    set_property(
        DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources} ${PROJECT_SOURCE_DIR}/cmake/unity.py
    )
endfunction()
