target_sources(
    reaper_core
    PRIVATE
)
