#include "api_answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace reaper::test {
namespace {

std::string_view reason_of(int status)
{
    switch (status / 100) {
        case 2:
            return "OK";
        case 3:
            return "Moved";
        case 4:
            return "Refused";
        default:
            return "Failed";
    }
}

class writer
{
public:
    writer(const answer_text& text, const odds<manner>& manners, random_source& random)
        : text_(text), manners_(manners), random_(random)
    {
    }

    api_answer write()
    {
        made_.status = text_.status;
        made_.bytes.reserve(256);
        write_interim();
        write_status_line();
        write_fields();
        const std::string body = text_.status == 204 ? "" : make_body();
        frame(body);
        return std::move(made_);
    }

private:
    bool has(manner kind) { return random_.chance(manners_[kind]); }

    void write_interim()
    {
        if (!has(manner::interim))
            return;
        for (std::uint64_t left = 1 + random_.below(3); left > 0; --left)
            made_.bytes += random_.one_in(2) ? "HTTP/1.1 100 Continue\r\n\r\n"
                                             : "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    }

    void write_status_line()
    {
        is_old_ = has(manner::http_1_0);
        made_.bytes += is_old_ ? "HTTP/1.0 " : "HTTP/1.1 ";
        made_.bytes += std::to_string(text_.status);
        if (has(manner::odd_reason)) {
            static constexpr std::string_view reasons[] = {" Ok", " ", "", " 429 \xc3\xa9\t(sic)"};
            made_.bytes += reasons[random_.below(std::size(reasons))];
        } else {
            made_.bytes += ' ';
            made_.bytes += reason_of(text_.status);
        }
        made_.bytes += "\r\nServer: nginx\r\n";
    }

    void write_fields()
    {
        if (has(manner::doubled_fields))
            made_.bytes += "Content-Type: text/plain\r\nServer: nginx\r\nX-Request-Id:\r\n";
        if (text_.retry_after > 0)
            made_.bytes += "Retry-After: " + std::to_string(text_.retry_after) + "\r\n";
        else if (!text_.odd_retry_after.empty())
            (made_.bytes += "Retry-After: ").append(text_.odd_retry_after) += "\r\n";
        if (text_.status / 100 == 3)
            made_.bytes += "Location: https://elsewhere.example/\r\n";
        made_.bytes += "Content-Type: application/json\r\n";
        if (text_.is_last || is_old_ || has(manner::says_close))
            end_connection();
    }

    void end_connection()
    {
        if (made_.announces_end)
            return;
        made_.announces_end = true;
        made_.then = api_answer::ending::close;
        if (is_old_ && random_.one_in(2))
            return;  // it goes without saying
        made_.bytes += random_.one_in(2) ? "Connection: close\r\n" : "connection: Close\r\n";
    }

    std::string make_body()
    {
        std::string body;
        if (text_.status / 100 == 2)
            body = random_.one_in(4) ? "" : "{}";
        else if (has(manner::html))
            body = "<html><body><h1>Sorry</h1>\r\n\r\nHTTP/1.1 200 OK\r\n</body></html>";
        else
            body = fmt::format(
                R"({{"code":{},"message":"MODELLED {}"}})",
                text_.code,
                has(manner::tells_key) ? text_.secrets : std::string_view("error")
            );
        if (has(manner::big))
            body.append(1 + random_.below(60'000), ' ');
        return body;
    }

    void frame(const std::string& body)
    {
        std::string& bytes = made_.bytes;
        if (text_.status == 204) {
            bytes += "\r\n";
        } else if (has(manner::close_delimited)) {
            end_connection();
            made_.needs_end = true;
            (bytes += "\r\n") += body;
        } else if (!is_old_ && has(manner::chunked)) {
            bytes += "Transfer-Encoding: chunked\r\n\r\n";
            write_chunks(body);
        } else {
            bytes += "Content-Length: ";
            bytes += std::to_string(body.size());
            (bytes += "\r\n\r\n") += body;
        }
    }

    void write_chunks(std::string_view body)
    {
        while (!body.empty()) {
            const std::string_view part = body.substr(0, 1 + random_.below(body.size()));
            body.remove_prefix(part.size());
            made_.bytes += fmt::format(
                "{:x}{}\r\n{}\r\n", part.size(), random_.one_in(4) ? ";name=value" : "", part
            );
        }
        made_.bytes += random_.one_in(4) ? "0\r\nX-Trailer: 1\r\n\r\n" : "0\r\n\r\n";
    }

    const answer_text& text_;
    const odds<manner>& manners_;
    random_source& random_;
    bool is_old_ = false;
    api_answer made_;
};

// Each is past doubt at its last byte: no client may wait for more of it.
constexpr std::string_view garbages[] = {
    "HTTP/1.1 2x0 OK\r\n\r\n",
    "\x16\x03\x01\x02 no HTTP at all\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
};

}  // namespace

api_answer write_answer(const answer_text& text, const odds<manner>& manners, random_source& random)
{
    return writer(text, manners, random).write();
}

std::size_t garbage_kinds()
{
    return std::size(garbages) + 1;
}

std::string garbage(std::size_t kind)
{
    if (kind < std::size(garbages))
        return std::string(garbages[kind]);
    // A header without end.
    return "HTTP/1.1 200 OK\r\nX-Long: " + std::string(20'000, 'x');
}

api_answer write_garbage(random_source& random)
{
    api_answer made;
    made.bytes = garbage(random.below(garbage_kinds()));
    made.spoils = true;
    static constexpr api_answer::ending endings[] = {
        api_answer::ending::keep,
        api_answer::ending::close,
        api_answer::ending::reset,
        api_answer::ending::stall};
    made.then = endings[random.below(std::size(endings))];
    return made;
}

}  // namespace reaper::test
