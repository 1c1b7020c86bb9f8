target_sources(
    reaper_shell
    PRIVATE
)
