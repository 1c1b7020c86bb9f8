if(REAPER_SANITIZE)
    # g++ 12 takes std::regex under a sanitizer for uninitialised: a false alarm.
    add_compile_options(-Wno-maybe-uninitialized)
    add_compile_options(-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
