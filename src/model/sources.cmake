target_sources(
    reaper_core
    PRIVATE
        model/job.cpp
        model/job_state.cpp
        model/outcome.cpp
)
