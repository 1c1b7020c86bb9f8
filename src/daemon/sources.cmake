target_sources(
    reaper_shell
    PRIVATE
        daemon/daemon.cpp
        daemon/service.cpp
)
