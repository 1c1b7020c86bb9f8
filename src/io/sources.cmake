target_sources(
    reaper_shell
    PRIVATE
        io/keyed_hash.cpp
)
