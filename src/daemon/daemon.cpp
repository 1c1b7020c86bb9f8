#include "reaper/daemon/daemon.hpp"

#include "reaper/daemon/service.hpp"
#include "reaper/io/config_yaml.hpp"
#include "reaper/io/file_lock.hpp"
#include "reaper/io/spool.hpp"
#include "reaper/io/spool_state.hpp"
#include "reaper/model/exit_status.hpp"
#include "reaper/rt/log.hpp"

#include <boost/system/system_error.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <new>
#include <random>

namespace reaper {

namespace {

int code(exit_status status)
{
    return static_cast<int>(status);
}

// P6: memory holds keys; it must not end up in a core file.
void disable_core_dumps()
{
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
    static_cast<void>(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

void raise_descriptor_limit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
    }
}

std::uint64_t random_seed()
{
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

// A service manager does not start a faulty configuration again; a lock that another daemon holds,
// a full disk or a device that fails may be over by then.
exit_status status_of(const fault& why)
{
    return may_pass(why) ? exit_status::try_later : exit_status::configuration;
}

int serve(const std::string& config_path, const run_mode& mode)
{
    disable_core_dumps();
    raise_descriptor_limit();
    environment_map environment = process_environment();
    config_outcome read = read_config(config_path, environment);
    if (!read.value) {
        for (const config_fault& fault : read.faults)
            log_error(describe(fault));
        return code(exit_status::configuration);
    }
    settings config = std::move(*read.value);
    set_up_log(config.log, environment);
    for (const config_fault& warning : read.warnings)
        log_warning(describe(warning));

    std::vector<std::string> accounts;
    for (const auto& [name, account] : config.accounts)
        accounts.push_back(name);
    auto spool = open_spool_at(config.spool, accounts, lock_holder());
    if (!spool) {
        log_error(spool.error().sentence);
        return code(status_of(spool.error()));
    }
    auto salt = load_salt(spool->paths);
    if (!salt) {
        log_error(salt.error().sentence);
        return code(status_of(salt.error()));
    }
    service daemon(
        {.config = std::move(config),
         .spool = std::move(*spool),
         .salt = std::move(*salt),
         .environment = std::move(environment),
         .boot_id = read_boot_id(),
         .seed = random_seed(),
         .mode = mode}
    );
    const std::vector<std::string> faults = daemon.prepare();
    for (const std::string& fault : faults)
        log_error(fault);
    return faults.empty() ? daemon.run() : code(exit_status::configuration);
}

// Nothing is lost by an end in the middle: the next start recovers as after a crash.
int serve_or_say_why(const std::string& config_path, const run_mode& mode)
{
    try {
        return serve(config_path, mode);
    } catch (const std::bad_alloc&) {
        log_error(
            "there is not enough memory to go on: give the daemon more (ulimit -v, MemoryMax); "
            "nothing is lost, the next start goes on"
        );
    } catch (const boost::system::system_error& e) {
        log_error("the system refuses what the daemon cannot do without: " + e.code().message());
    }
    return code(exit_status::try_later);
}

}  // namespace

int run_daemon(const std::string& config_path)
{
    return serve_or_say_why(config_path, run_mode{.once = false});
}

int run_once(const std::string& config_path, duration max_wait)
{
    return serve_or_say_why(config_path, run_mode{.once = true, .max_wait = max_wait});
}

}  // namespace reaper
