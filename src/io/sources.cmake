target_sources(
    reaper_shell
    PRIVATE
        io/file_ops.cpp
        io/journal_file.cpp
        io/keyed_hash.cpp
        io/mark_file.cpp
)
