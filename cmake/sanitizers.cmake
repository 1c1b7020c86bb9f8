if(REAPER_SANITIZE)
    # g++ 12 takes std::regex under a sanitizer for uninitialised: a false alarm.
    add_compile_options(-Wno-maybe-uninitialized)
    # No optimisation: it doubles the time to compile, and the tests mostly wait for sockets and files.
    add_compile_options(-O0 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
if(REAPER_FUZZ AND REAPER_FUZZ_FAST)
    # Comparisons of numbers are not traced: that takes half of the time. Those of texts are.
    add_compile_options(
        -O2 -g1 -fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp,indirect-calls
        -fno-omit-frame-pointer
    )
elseif(REAPER_FUZZ)
    add_compile_options(
        -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
        -fno-omit-frame-pointer
    )
    add_link_options(-fsanitize=address,undefined)
endif()
if(REAPER_COVERAGE)
    add_compile_options(-O0 -g1 --coverage)
    add_link_options(--coverage)
endif()
