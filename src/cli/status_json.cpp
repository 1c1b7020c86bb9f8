#include "reaper/cli/status_json.hpp"

#include "reaper/app/status_file.hpp"

#include <boost/json.hpp>

namespace reaper {

namespace {

namespace json = boost::json;

const char* state_of(const daemon_presence& daemon)
{
    if (!daemon.running)
        return "not running";
    return daemon.responsive ? "running" : "stuck";
}

json::object with_place(const char* place, const std::string& rendered)
{
    json::object object;
    object["place"] = place;
    const json::value members = json::parse(rendered);
    for (const auto& member : members.as_object())
        object.insert(member);
    return object;
}

json::object job_object(const job_view& job)
{
    return with_place("active", render_job_view(job));
}

json::object finished_object(const finished_job& job)
{
    if (job.summary)
        return with_place("done", render_summary(*job.summary));
    if (job.rejected)
        return with_place("rejected", render_rejection(*job.rejected));
    return {{"id", job.id}, {"unreadable", job.unreadable}};
}

}  // namespace

std::string waiting_json(const std::string& id)
{
    return json::serialize(json::object{{"place", "incoming"}, {"id", id}});
}

std::string job_json(const job_view& job)
{
    return json::serialize(job_object(job));
}

std::string finished_json(const finished_job& job)
{
    return json::serialize(finished_object(job));
}

std::string status_json(const spool_snapshot& shot)
{
    json::object object;
    object["daemon"] = state_of(shot.daemon);
    if (shot.daemon.status) {
        json::object status = json::parse(render_status(*shot.daemon.status)).as_object();
        status.erase("jobs");  // they are below, as the spool has them
        object["status"] = std::move(status);
    }
    json::array& jobs = object["jobs"].emplace_array();
    for (const job_view& job : shot.jobs)
        jobs.push_back(job_object(job));
    json::array& waiting = object["waiting"].emplace_array();
    for (const waiting_file& file : shot.waiting)
        waiting.push_back(json::object{{"path", file.path}, {"id", file.id}});
    json::array& ended = object["ended"].emplace_array();
    for (const finished_job& job : shot.finished)
        ended.push_back(finished_object(job));
    return json::serialize(object);
}

}  // namespace reaper
