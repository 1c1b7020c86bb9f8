#include "reaper/app/job_store.hpp"

#include "reaper/base/units.hpp"
#include "reaper/io/job_files.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace reaper {

namespace {

// Two descriptors each: far below any limit that a service runs with.
constexpr std::size_t open_max = 128;

}  // namespace

job_store::job_store(const spool_paths& spool, std::uint64_t free_floor)
    : spool_(spool), free_floor_(free_floor)
{
}

result<std::size_t> job_store::read_input(
    const std::string& job, std::uint64_t offset, std::span<char> into
) const
{
    const std::string path = spool_.active_job(job) + "/" + std::string(input_file);
    const unique_fd file(retry_interrupted([&] {
        return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }));
    if (!file)
        return system_fault("cannot open " + path);
    const ssize_t got = retry_interrupted([&] {
        return ::pread(file.get(), into.data(), into.size(), static_cast<off_t>(offset));
    });
    if (got < 0)
        return system_fault("cannot read " + path);
    return static_cast<std::size_t>(got);
}

job_store::open_job& job_store::touch(const std::string& job)
{
    if (const auto found = by_id_.find(job); found != by_id_.end()) {
        open_.splice(open_.begin(), open_, found->second);
        return open_.front();
    }
    if (open_.size() >= open_max) {
        by_id_.erase(open_.back().id);
        open_.pop_back();
    }
    open_.push_front(open_job{.id = job, .results = {}, .mark = {}});
    by_id_[job] = open_.begin();
    return open_.front();
}

result<journal_file*> job_store::results_of(const std::string& job)
{
    open_job& files = touch(job);
    if (!files.results) {
        auto opened = journal_file::open(spool_.active_job(job) + "/" + std::string(results_file));
        if (!opened)
            return opened.error();
        files.results = std::move(*opened);
    }
    return &*files.results;
}

result<void> job_store::reserve(const std::string& job, std::uint64_t upto)
{
    const auto file = results_of(job);
    if (!file)
        return file.error();
    const auto end = (*file)->size();
    if (!end)
        return end.error();
    if (upto <= *end)
        return {};
    const auto reserved = (*file)->reserve(*end, upto);
    if (!reserved)
        return reserved.error();
    if (*reserved)
        return {};
    // The file system makes no promises: keep away from its end.
    const auto left = (*file)->free_bytes();
    if (!left)
        return left.error();
    if (*left < free_floor_)
        return fault{
            "only " + show_size(*left) + " are free in " + spool_.root +
                ", less than results.reserve (" + show_size(free_floor_) + "): make room",
            ENOSPC};
    return {};
}

result<void> job_store::write_results(
    const std::string& job, std::uint64_t offset, std::string_view bytes
)
{
    const auto file = results_of(job);
    if (!file)
        return file.error();
    return (*file)->write_at(offset, bytes);
}

void job_store::sync_results(const std::string& job, syncer& by, ended then)
{
    const auto file = results_of(job);
    if (!file) {
        then(file.error());
        return;
    }
    by.sync((*file)->handle(), [this, job, then = std::move(then)](int failed) {
        if (failed == 0) {
            then({});
            return;
        }
        // After a failed sync only a file that is opened anew tells the truth; the engine writes
        // again from the last durable byte.
        touch(job).results.reset();
        then(system_fault(
            "cannot sync " + spool_.active_job(job) + "/" + std::string(results_file), failed
        ));
    });
}

result<mark_file*> job_store::mark_of(const std::string& job)
{
    open_job& files = touch(job);
    if (!files.mark) {
        auto opened = mark_file::open(spool_.active_job(job) + "/" + std::string(mark_file_name));
        if (!opened)
            return opened.error();
        files.mark = std::move(*opened);
    }
    return &*files.mark;
}

void job_store::write_mark(const std::string& job, const send_mark& mark, syncer& by, ended then)
{
    const auto file = mark_of(job);
    if (!file) {
        then(file.error());
        return;
    }
    if (const auto written = (*file)->put(mark); !written) {
        then(written);
        return;
    }
    by.sync((*file)->handle(), [this, job, mark, then = std::move(then)](int failed) {
        if (failed != 0) {
            then(system_fault(
                "cannot write " + spool_.active_job(job) + "/" + std::string(mark_file_name), failed
            ));
            return;
        }
        // It may have been closed meanwhile; whoever opens it again reads what is there.
        if (auto& open = touch(job).mark)
            open->kept(mark);
        then({});
    });
}

result<void> job_store::store_state(const std::string& job, const job_state& state) const
{
    return write_job_state(spool_.active_job(job), state);
}

void job_store::forget(const std::string& job)
{
    if (const auto found = by_id_.find(job); found != by_id_.end()) {
        open_.erase(found->second);
        by_id_.erase(found);
    }
}

}  // namespace reaper
