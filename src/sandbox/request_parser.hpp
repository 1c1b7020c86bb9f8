#pragma once
// Reads HTTP/1.1 requests from a buffer. Small on purpose: it knows the request line, the headers
// that matter to the API, and Content-Length. A client that pipelines sends the same headers with
// every request, so the last header block is remembered and compared before it is read again.

#include <cstddef>
#include <string>
#include <string_view>

namespace sandbox {

inline constexpr std::size_t head_bytes_max = std::size_t{16} * 1024;
inline constexpr std::size_t body_bytes_max = std::size_t{64} * 1024;

// Views point into the parsed bytes or into the parser, and live until its next call.
struct request
{
    std::string_view method;
    std::string_view target;
    std::string_view rest_key;  // X-Authorization
    bool keep_alive = true;
    std::size_t bytes = 0;  // of the whole request, body included
};

enum class parse_state : std::uint8_t
{
    complete,
    partial,          // more bytes are needed
    malformed,        // 400
    length_required,  // 411: a chunked body, which no client of this API sends
    body_too_large,   // 413
    head_too_large,   // 431
};

class request_parser
{
public:
    // Looks for one request at the front of `bytes`. After a state other than complete and partial
    // the connection cannot be read on.
    [[nodiscard]] parse_state parse(std::string_view bytes, request& out);

private:
    struct header_fields
    {
        std::string rest_key;
        std::size_t content_length = 0;
        bool close = false;
        bool keep_alive = false;  // said in so many words: HTTP/1.0 needs it
        bool chunked = false;
    };

    // Reads a block of header lines, the blank one included.
    [[nodiscard]] parse_state parse_block(std::string_view block);
    [[nodiscard]] parse_state take_field(std::string_view name, std::string_view value);

    std::string block_;  // the last one that was read
    header_fields fields_;
};

}  // namespace sandbox
