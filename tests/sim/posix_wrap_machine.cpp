// What else of the machine would make two runs of one seed differ, while a model is active: who the
// process is, chance, and threads, whose calls would come in any order. The linker sends it here as
// it does the calls of posix_wrap.cpp; the long names are those of libstdc++'s own functions.

#include "sim/disk_model.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <system_error>
#include <thread>

using reaper::test::disk_model;

// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {

pid_t __real_getpid();
int __real_gethostname(char* name, std::size_t size);
ssize_t __real_getrandom(void* into, std::size_t size, unsigned flags);
int __real_getpwuid_r(uid_t uid, passwd* entry, char* text, std::size_t size, passwd** found);
std::random_device::result_type __real__ZNSt13random_device9_M_getvalEv(std::random_device* self);
void __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    std::thread* self, std::unique_ptr<std::thread::_State> state, void (*depend)()
);

pid_t __wrap_getpid()
{
    const disk_model* const model = disk_model::active();
    return model != nullptr ? model->process_id() : __real_getpid();
}

int __wrap_gethostname(char* name, std::size_t size)
{
    if (disk_model::active() == nullptr)
        return __real_gethostname(name, size);
    std::strncpy(name, "simulated", size);
    return 0;
}

ssize_t __wrap_getrandom(void* into, std::size_t size, unsigned flags)
{
    disk_model* const model = disk_model::active();
    if (model == nullptr)
        return __real_getrandom(into, size, flags);
    auto* const bytes = static_cast<unsigned char*>(into);
    std::generate_n(bytes, size, [model] { return static_cast<unsigned char>(model->random()); });
    return static_cast<ssize_t>(size);
}

// Nobody has a name: the machine's list of users is not asked.
int __wrap_getpwuid_r(uid_t uid, passwd* entry, char* text, std::size_t size, passwd** found)
{
    if (disk_model::active() == nullptr)
        return __real_getpwuid_r(uid, entry, text, size, found);
    *found = nullptr;
    return 0;
}

std::random_device::result_type __wrap__ZNSt13random_device9_M_getvalEv(std::random_device* self)
{
    disk_model* const model = disk_model::active();
    if (model == nullptr)
        return __real__ZNSt13random_device9_M_getvalEv(self);
    return static_cast<std::random_device::result_type>(model->random());
}

// No thread is to be had: who asks for one has to do without.
void __wrap__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
    std::thread* self, std::unique_ptr<std::thread::_State> state, void (*depend)()
)
{
    if (disk_model::active() != nullptr)
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    __real__ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE(
        self, std::move(state), depend
    );
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
