#include "reaper/cli/command_line.hpp"
#include "reaper/cli/console.hpp"

int main(int argc, char** argv)
{
    reaper::console io = reaper::system_console();
    return reaper::run_command_line(argc, argv, io);
}
