target_sources(
    reaper_core
    PRIVATE
        model/answer.cpp
        model/job.cpp
        model/job_state.cpp
        model/outcome.cpp
)
