# Read by ctest when it starts: registers what is in a test program, a suite as one test. A process of its
# own for each case costs more than most cases do, under the sanitizers above all; a suite that fails names
# the cases that did. Cases of the real binaries and of the simulation wait or take long: each is a test.
#
# With REAPER_EACH_CASE in the environment every case is one, so that `ctest -R` can choose among them
# (scripts/test --filter).
#
# The simulation takes longest: it goes first, so that no core is left without work at the end. The time-out
# is for what hangs: machines are shared, and slow at times.
if(NOT EXISTS ${program})
    # ctest reports it as not run, which is a failure.
    get_filename_component(name ${program} NAME)
    add_test("${tier}/${name}_NOT_BUILT" "${program}")
    set_tests_properties("${tier}/${name}_NOT_BUILT" PROPERTIES LABELS ${tier})
    return()
endif()
execute_process(
    COMMAND ${program} --gtest_list_tests
    OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY
)
set(each_case NO)
if("${tier}" MATCHES "^(sim|system)$" OR NOT "$ENV{REAPER_EACH_CASE}" STREQUAL "")
    set(each_case YES)
endif()
string(REGEX REPLACE "[ \t]*#[^\n]*" "" listed "${listed}")
string(REPLACE "\n" ";" listed "${listed}")
foreach(line IN LISTS listed)
    if(line MATCHES "^[^ ].*\\.$")
        set(suite ${line})
        string(REGEX REPLACE "\\.$" "" name "${tier}/${suite}")
        set(cases "${suite}*")
        set(skipped "")
        if(each_case)
            continue()
        endif()
    elseif(each_case AND line MATCHES "^  (.+)$")
        set(cases "${suite}${CMAKE_MATCH_1}")
        set(name "${tier}/${cases}")
        set(skipped SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
    else()
        continue()
    endif()
    add_test("${name}" "${program}" "--gtest_filter=${cases}")
    set(timeout 600)
    if(NOT each_case)
        set(timeout 1200)
    endif()
    set(cost "")
    if(name MATCHES "^sim/Simulation[.]")
        set(cost COST 100)
    endif()
    set_tests_properties("${name}" PROPERTIES LABELS ${tier} TIMEOUT ${timeout} ${skipped} ${cost})
endforeach()
