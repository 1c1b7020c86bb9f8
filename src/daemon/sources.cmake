target_sources(
    reaper_shell
    PRIVATE
        daemon/daemon.cpp
        daemon/service.cpp
        daemon/sync_thread.cpp
)
