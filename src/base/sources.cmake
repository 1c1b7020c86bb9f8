target_sources(
    reaper_base
    PRIVATE
        base/text.cpp
        base/time.cpp
        base/units.cpp
)
