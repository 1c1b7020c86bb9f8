// .jsonl: a value per line, options in the first. job_check.hpp has the rules.

#include "job_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    reaper::fuzz::check_job(reaper::job_format::jsonl, data, size);
    return 0;
}
