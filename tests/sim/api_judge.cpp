// What the API makes of one request: the second half of api_model.

#include "api_model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reaper::test {
namespace {

// A balancer in front of the API answers so, and nothing behind it counts the request.
bool may_come_from_the_front(mishap what)
{
    switch (what) {
        case mishap::server_error:
        case mishap::maintenance:
        case mishap::timed_out:
        case mishap::garbage:
        case mishap::stalled:
        case mishap::reset_before:
            return true;
        default:
            return false;
    }
}

// A part of the bytes, and at least one is missing.
void cut(api_answer& given, random_source& random)
{
    given.bytes.resize(random.below(given.bytes.size()));
    given.whole = false;
}

}  // namespace

mishap api_model::draw_mishap()
{
    if (is_calm())
        return mishap::count_;
    double drawn = -1;
    for (std::size_t i = 0; i < shape_.mishaps.of.size(); ++i) {
        const double probability = shape_.mishaps.of[i];
        if (probability <= 0)
            continue;
        if (drawn < 0)
            drawn = random_.unit();
        if (drawn < probability)
            return static_cast<mishap>(i);
        drawn -= probability;
        drawn = std::max(drawn, 0.0);
    }
    return mishap::count_;
}

api_answer api_model::judge(request_truth& asked, bool is_last)
{
    asked.arrived_at = clock_.mono();
    const credential& keys = truth_.credentials[asked.credential];
    asked.existed = exists(keys.app, asked.token);
    limit_group& limit = limits_[keys.limit];
    let_rival_act(limit, keys.app);
    asked.existed = exists(keys.app, asked.token);

    if (spell(outage::maintenance) != nullptr)
        return apply(mishap::maintenance, asked, is_last);
    if (spell(outage::failing) != nullptr)
        return apply(mishap::server_error, asked, is_last);
    const mishap drawn = draw_mishap();
    if (may_come_from_the_front(drawn) && random_.one_in(2))
        return apply(drawn, asked, is_last);
    if (!keys.valid || spell(outage::locked_out) != nullptr)
        return say(asked, 401, 10, is_last);
    if (!limit.limiter.take(asked.arrived_at))
        return refuse(asked, is_last);
    if (spell(outage::wrong_route) != nullptr)
        return say(asked, 404, 20, is_last);
    return drawn == mishap::count_ ? serve(asked, is_last) : apply(drawn, asked, is_last);
}

// As the documentation has it.
api_answer api_model::serve(request_truth& asked, bool is_last)
{
    if (!asked.existed)
        return say(asked, 404, 20, is_last);
    remove(asked);
    static constexpr int statuses[] = {200, 200, 200, 200, 200, 200, 201, 202, 204};
    return say(asked, statuses[random_.below(std::size(statuses))], 0, is_last);
}

api_answer api_model::refuse(request_truth& asked, bool is_last)
{
    return say(asked, 429, 60, is_last);
}

void api_model::remove(request_truth& asked)
{
    apps_[truth_.credentials[asked.credential].app].campaigns[asked.token] = false;
    asked.removed = true;
}

// Who gets no clear answer cannot know whether it was done.
void api_model::maybe_remove(request_truth& asked)
{
    if (asked.existed && random_.one_in(2))
        remove(asked);
}

api_answer api_model::say(request_truth& asked, int status, int code, bool is_last)
{
    answer_text text{.status = status, .code = code, .is_last = is_last};
    std::string secrets;
    if (asked.credential < truth_.credentials.size() && status >= 400) {
        const credential& keys = truth_.credentials[asked.credential];
        if (shape_.manners[manner::tells_key] > 0)
            secrets = keys.api_key + " " + keys.rest_key;
    }
    text.secrets = secrets;
    const bool may_wait = status == 429 || status == 503;
    if (may_wait && random_.chance(shape_.limit.says_retry_after)) {
        static constexpr std::string_view odd[] = {"0", "soon", "-3", "1.5"};
        if (random_.one_in(6))
            text.odd_retry_after = odd[random_.below(std::size(odd))];
        else
            text.retry_after =
                1 + static_cast<unsigned>(random_.below(shape_.limit.retry_after_max));
    }
    asked.retry_after = text.retry_after;
    return write_answer(text, shape_.manners, random_);
}

api_answer api_model::apply(mishap what, request_truth& asked, bool is_last)
{
    using ending = api_answer::ending;
    switch (what) {
        case mishap::server_error: {
            maybe_remove(asked);
            static constexpr int statuses[] = {500, 500, 502, 504};
            return say(asked, statuses[random_.below(std::size(statuses))], 0, is_last);
        }
        case mishap::maintenance:
            return say(asked, 503, 2, is_last);
        case mishap::timed_out:
            maybe_remove(asked);
            return say(asked, 408, 0, is_last);
        case mishap::misuse:
            return say(asked, 403, 12, is_last);
        case mishap::malformed:
            return say(asked, 400, 31, is_last);
        case mishap::unauthorised:
            return say(asked, 401, 10, is_last);
        case mishap::redirected: {
            maybe_remove(asked);
            api_answer given = say(asked, random_.one_in(2) ? 302 : 308, 0, is_last);
            given.spoils = true;
            return given;
        }
        case mishap::throttled:
            limits_[truth_.credentials[asked.credential].limit].limiter.note_refusal(
                asked.arrived_at
            );
            return refuse(asked, is_last);
        case mishap::garbage:
            maybe_remove(asked);
            return write_garbage(random_);
        case mishap::stalled:
            maybe_remove(asked);
            return {.then = ending::stall};
        case mishap::reset_before:
            maybe_remove(asked);
            return {.then = ending::reset};
        default:
            break;
    }
    return disturb(what, asked, is_last);
}

// A good answer that is not delivered as it should be.
api_answer api_model::disturb(mishap what, request_truth& asked, bool is_last)
{
    using ending = api_answer::ending;
    api_answer given = serve(asked, is_last);
    switch (what) {
        case mishap::slow:
            given.think += random_.between(1s, 45s);
            break;
        case mishap::truncated:
            // Of what only the end delimits nobody could tell that it is not all.
            cut(given, random_);
            given.then = given.needs_end ? ending::reset : ending::close;
            break;
        case mishap::reset_inside:
            cut(given, random_);
            given.then = ending::reset;
            break;
        case mishap::reset_after:
            given.then = ending::reset;
            break;
        case mishap::said_twice:
            given.surplus = given.bytes;
            break;
        case mishap::surplus_bytes: {
            static constexpr std::string_view odd[] = {
                "x", "\r\n", "{}", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"};
            given.surplus = odd[random_.below(std::size(odd))];
            break;
        }
        default:
            break;
    }
    if (given.then != ending::keep)
        given.surplus.clear();
    return given;
}

}  // namespace reaper::test
