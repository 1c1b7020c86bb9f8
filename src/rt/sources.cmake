target_sources(
    reaper_shell
    PRIVATE
        rt/log.cpp
        rt/log_line.cpp
        rt/supervisor.cpp
        rt/warning_folder.cpp
)
