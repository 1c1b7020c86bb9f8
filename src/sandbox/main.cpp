// batch-sandbox: a stand-in for the API. This file reads the command line; server.hpp serves.

#include "reaper/base/units.hpp"
#include "sandbox/server.hpp"
#include "sandbox/tokens.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include <unistd.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using sandbox::server_options;

constexpr int exit_usage = 2;

// The command line, as it was written.
struct arguments
{
    std::string listen = "127.0.0.1:8443";
    std::string ca_out;
    std::string port_file;
    std::string api_key_file;
    std::string rest_key_file;
    std::string campaigns = "any";
    std::string limit;
    std::string limit_shape = "fixed";
    std::string limit_window = "1s";
    bool ban = false;
    std::string latency = "0ms";
    std::string jitter = "0ms";
    std::vector<std::string> faults;
};

template <class T>
T value_of(reaper::result<T> parsed, std::string_view option)
{
    if (!parsed)
        throw std::runtime_error(std::string(option) + ": " + parsed.error().sentence);
    return *std::move(parsed);
}

std::string read_key(const std::string& name)
{
    std::ifstream file(name, std::ios::binary);
    if (!file)
        throw std::runtime_error("cannot open the key file " + name);
    std::string key{std::istreambuf_iterator<char>(file), {}};
    if (key.ends_with('\n'))
        key.pop_back();
    return key;
}

// A reader sees the whole file or none.
void write_atomically(const std::string& name, const std::string& content)
{
    const std::string draft = name + ".tmp";
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << content;
    file.close();
    if (!file)
        throw std::runtime_error("cannot write " + draft);
    std::filesystem::rename(draft, name);
}

// "127.0.0.1:8443", "[::1]:0"
void read_listen(const std::string& text, server_options& options)
{
    const auto colon = text.rfind(':');
    const auto port_text = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    const bool digits = !port_text.empty() && port_text.size() <= 5 &&
                        port_text.find_first_not_of("0123456789") == std::string::npos;
    const unsigned long port = digits ? std::stoul(port_text) : 65536;
    if (port > 65535)
        throw std::runtime_error("--listen: write ADDRESS:PORT, as in 127.0.0.1:8443 or [::1]:0");
    options.port = static_cast<std::uint16_t>(port);
    options.address = text.substr(0, colon);
    if (options.address.starts_with('[') && options.address.ends_with(']'))
        options.address = options.address.substr(1, options.address.size() - 2);
}

void interpret(const arguments& from, server_options& options)
{
    read_listen(from.listen, options);
    if (!from.api_key_file.empty())
        options.api_key = read_key(from.api_key_file);
    if (!from.rest_key_file.empty())
        options.rest_key = read_key(from.rest_key_file);
    options.campaigns = sandbox::parse_campaigns(from.campaigns);
    options.latency = value_of(reaper::parse_duration(from.latency), "--latency");
    options.jitter = value_of(reaper::parse_duration(from.jitter), "--jitter");
    for (const auto& text : from.faults)
        options.faults.rules.push_back(value_of(sandbox::parse_fault_rule(text), "--fault"));

    if (from.limit.empty())
        return;
    sandbox::limit_options limit;
    limit.rate_per_s = value_of(reaper::parse_rate_per_s(from.limit), "--limit");
    limit.window = value_of(reaper::parse_duration(from.limit_window), "--limit-window");
    limit.ban = from.ban;
    if (const auto shape = sandbox::parse_limit_shape(from.limit_shape, limit); !shape)
        throw std::runtime_error("--limit-shape: " + shape.error().sentence);
    options.limit = limit;
}

void add_server_options(CLI::App& app, server_options& options, arguments& from)
{
    app.add_option("--listen", from.listen, "ADDRESS:PORT; port 0: one that is free")
        ->capture_default_str();
    app.add_option("--port-file", from.port_file, "write the port here once it is open");
    app.add_option("--ca-out", from.ca_out, "write the certificate of the authority here");
    app.add_flag("--plain", options.plain, "HTTP without TLS");
    app.add_option("--san", options.names, "further host name or address for the certificate");
    app.add_option("--api-key", options.api_key, "API key, part of each path")
        ->capture_default_str();
    app.add_option("--rest-key", options.rest_key, "REST key, header X-Authorization")
        ->capture_default_str();
    app.add_option("--api-key-file", from.api_key_file, "file with the API key");
    app.add_option("--rest-key-file", from.rest_key_file, "file with the REST key");
    app.add_option("--kind", options.only_kind, "serve only campaigns, or only in-app-campaigns");
    app.add_option("--campaigns", from.campaigns, "what exists: any, a number, or a file of tokens")
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of generated tokens, faults and jitter")
        ->capture_default_str();
    app.add_option("--ledger", options.ledger_file, "append a JSON line per request to this file");
}

void add_behaviour_options(CLI::App& app, server_options& options, arguments& from)
{
    app.add_option("--limit", from.limit, "requests let pass, as in 10/s; beyond it: 429");
    app.add_option("--limit-shape", from.limit_shape, "fixed, sliding, bucket:BURST or leaky")
        ->capture_default_str();
    app.add_option("--limit-window", from.limit_window, "window of fixed and sliding")
        ->capture_default_str();
    app.add_flag("--ban", from.ban, "a request within 5 s of a 429 is refused, and extends it");
    app.add_option("--retry-after", options.retry_after_s, "header of a 429, in seconds");
    app.add_option("--latency", from.latency, "from request to answer")->capture_default_str();
    app.add_option("--jitter", from.jitter, "added to the latency, at random, up to this")
        ->capture_default_str();
    app.add_option(
        "--max-requests-per-connection",
        options.max_requests_per_connection,
        "the last answer says Connection: close"
    );
    app.add_flag("--close-silently", options.close_silently, "or does not say so");
    app.add_option("--fault", from.faults, "KIND:PROBABILITY, repeatable; see docs/sandbox.md");
    app.add_option("--fault-after", options.faults.after, "requests spared at first");
    app.add_option("--fault-count", options.faults.count, "faults in all");
}

int serve(const arguments& from, const server_options& options)
{
    std::signal(SIGPIPE, SIG_IGN);
    sandbox::server server(options);

    boost::asio::signal_set signals(server.io(), SIGINT, SIGTERM);
    signals.async_wait([&server](boost::system::error_code error, int) {
        if (!error)
            server.stop();
    });
    if (!from.ca_out.empty())
        write_atomically(from.ca_out, server.ca_pem());
    if (!from.port_file.empty())
        write_atomically(from.port_file, std::to_string(server.port()) + '\n');

    const bool is_v6 = options.address.find(':') != std::string::npos;
    const std::string host = is_v6 ? '[' + options.address + ']' : options.address;
    std::cout << "listening on " << host << ':' << server.port() << std::endl;
    server.run();
    return 0;
}

// Prints the tokens that `--campaigns COUNT --seed SEED` make exist, then `unknown` that do not.
int print_tokens(std::uint64_t count, std::uint64_t unknown, std::uint64_t seed)
{
    const sandbox::token_sequence sequence(seed);
    for (std::uint64_t i = 0; i < count + unknown; ++i)
        std::cout << sandbox::format_token(sequence.at(i)) << '\n';
    std::cout.flush();
    return std::cout ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    CLI::App app("A stand-in for the Batch API: try a job file, a client, a limit on it.");
    app.set_version_flag("--version", "batch-sandbox " SANDBOX_VERSION);
    server_options options;
    arguments from;
    add_server_options(app, options, from);
    add_behaviour_options(app, options, from);

    CLI::App* tokens = app.add_subcommand("tokens", "print the tokens that --campaigns N makes");
    std::uint64_t count = 0;
    std::uint64_t unknown = 0;
    std::uint64_t seed = options.seed;
    tokens->add_option("--campaigns", count, "how many that exist")->required();
    tokens->add_option("--unknown", unknown, "how many more that do not exist");
    tokens->add_option("--seed", seed, "the seed of the server")->capture_default_str();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        interpret(from, options);
    } catch (const std::exception& error) {
        std::cerr << "batch-sandbox: " << error.what() << '\n';
        return exit_usage;
    }
    try {
        return tokens->parsed() ? print_tokens(count, unknown, seed) : serve(from, options);
    } catch (const std::exception& error) {
        std::cerr << "batch-sandbox: " << error.what() << '\n';
        return 1;
    }
}
