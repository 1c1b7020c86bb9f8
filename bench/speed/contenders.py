"""Servers and clients of the comparison: each run is a process of its own, on a core of its own."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

# Keys of the sandbox: they open nothing.
API_KEY = "5A4DB0C0FFEE5A4DB0C0FFEE5A4DB0"
REST_KEY = "5a4db0c0ffee5a4db0c0ffee5a4db0c0"
SERVER_CORE, CLIENT_CORE = "0", "1"
PATH = f"/1.1/{API_KEY}/campaigns/delete/"


def token(number):
    return "%032x" % (number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128))


def on_core(core, words):
    return (["taskset", "-c", core] if os.cpu_count() > 1 else []) + words


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def exact_cpu_seconds(pid):
    """Of the threads that live, by the scheduler's own clock: a thread that works for 50 us at a time is seldom
    met by the tick that counts what cpu_seconds() reads."""
    return sum(int((thread / "schedstat").read_text().split()[0])
               for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


class LeanServer:
    """bench/speed/lean_server: what every contender is measured by, and the same for all."""

    def __init__(self, build, folder, *options):
        self.folder = folder
        for name in ("port", "ca.pem", "samples"):
            (folder / name).unlink(missing_ok=True)
        self.process = subprocess.Popen(
            on_core(SERVER_CORE, [str(build / "bench/speed/lean_server"), "--port-file", str(folder / "port"),
                                  "--ca-out", str(folder / "ca.pem"), "--samples", str(folder / "samples"),
                                  *options]))
        while not (folder / "port").exists():
            time.sleep(0.01)
        self.port = int((folder / "port").read_text())

    def stop(self):
        """Requests per second between a quarter and three quarters of all requests, their number, and the
        share of a core that the server used meanwhile."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        samples, cpu = [], 0.0
        for line in (self.folder / "samples").read_text().splitlines():
            first, second = line.split()
            if first == "cpu":
                cpu = float(second)
            else:
                samples.append((float(first), int(second)))
        total = samples[-1][1]
        began = next((at for at, n in samples if n > 0), 0.0)
        ended = next((at for at, n in samples if n >= total), 0.0)
        quarter = next((s for s in samples if s[1] >= total / 4), samples[-1])
        rest = next((s for s in samples if s[1] >= total * 3 / 4), samples[-1])
        span = max(rest[0] - quarter[0], 0.005)
        return {"rate": (rest[1] - quarter[1]) / span, "requests": total,
                "busy": cpu / max(ended - began, 0.01)}


class Nginx:
    """The realistic one: a record for each answer."""

    def __init__(self, folder, keepalive_requests=1_000_000_000):
        self.folder = folder / "nginx"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        key, certificate = self.folder / "key.pem", self.folder / "ca.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        shutil.copy(certificate, folder / "ca.pem")
        (self.folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; keepalive_requests {keepalive_requests}; client_body_temp_path {self.folder}/body;
    server {{ listen 127.0.0.1:{self.port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
             location / {{ default_type application/json; return 200 "{{}}"; }} }}
}}
""")
        self.process = subprocess.Popen(
            on_core(SERVER_CORE, ["nginx", "-e", str(self.folder / "error.log"), "-c",
                                  str(self.folder / "nginx.conf")]))
        time.sleep(0.5)

    def stop(self):
        """The CPU that its worker used."""
        workers = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True,
                                 check=False).stdout.split()
        used = sum(cpu_seconds(each) for each in workers)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        return {"server_cpu": used}


def run(words, folder, name, variables=None):
    """What a client took: seconds, CPU, memory, and what it printed."""
    usage = folder / "usage"
    began = time.monotonic()
    with open(folder / f"{name}.out", "w", encoding="utf-8") as out:
        status = subprocess.run(
            on_core(CLIENT_CORE, ["/usr/bin/time", "-f", "%U %S %M", "-o", str(usage), *words]),
            stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(variables or {})}, check=False)
    elapsed = time.monotonic() - began
    printed = (folder / f"{name}.out").read_text(errors="replace")
    if status.returncode != 0:
        raise SystemExit(f"{name} ended with {status.returncode}:\n{printed[-2000:]}")
    user, system, resident = usage.read_text().split()[-3:]
    return {"seconds": elapsed, "cpu": float(user) + float(system), "mib": int(resident) / 1024,
            "printed": printed}


def headers():
    return [f"X-Authorization: {REST_KEY}", "User-Agent: bench", "Content-Type: application/json"]


def h2load_words(connections, window, requests):
    """With -d h2load would not pipeline: the method by hand, and no body."""
    words = ["h2load", "--h1", "-t1", f"-c{connections}", f"-m{window}", f"-n{requests}"]
    for header in [":method: POST", "Content-Length: 0", *headers()]:
        words += ["-H", header]
    return words


def write_job(folder, tokens):
    """The job file, made once for each size."""
    job = folder / f"job-{tokens}.txt"
    if not job.exists():
        with open(job, "w", encoding="ascii") as out:
            out.writelines(token(i) + "\n" for i in range(tokens))
    return job


def fresh_spool(folder):
    shutil.rmtree(folder / "spool", ignore_errors=True)
    (folder / "spool/incoming").mkdir(parents=True)


def drop(folder, tokens):
    """Drops a job as users are told to: written beside, and renamed."""
    shutil.copy(write_job(folder, tokens), folder / "spool/incoming/.job")
    (folder / "spool/incoming/.job").rename(folder / "spool/incoming/job.txt")


def configure(folder, port, connections, window, pace="auto"):
    for name, key in (("api.key", API_KEY), ("rest.key", REST_KEY)):
        path = folder / name
        path.unlink(missing_ok=True)
        path.write_text(key + "\n")
        path.chmod(0o400)
    (folder / "config.yaml").write_text(f"""
spool: {folder}/spool
accounts:
  prod:
    api_key_file: {folder}/api.key
    rest_api_key_file: {folder}/rest.key
    endpoint: https://127.0.0.1:{port}
    ca_file: {folder}/ca.pem
    connections: {connections}
    max_window: {window}
    pace: {pace}
guards: {{max_deletes: 100000000}}
intake: {{settle: 0s}}
""")


def ours(build, folder, port, tokens, connections, window, variables=None):
    fresh_spool(folder)
    configure(folder, port, connections, window)
    drop(folder, tokens)
    taken = run([str(build / "src/campaign-reaper"), "--config", str(folder / "config.yaml"), "once"],
                folder, "ours", variables)
    done = next((folder / "spool/done").iterdir())
    outcomes = json.loads((done / "summary.json").read_text())["outcomes"]
    if outcomes["deleted"] != tokens:
        raise SystemExit(f"ours: {outcomes}")
    taken["rate_by_results"] = rate_of_results(done / "results.jsonl", tokens)
    return taken


def rate_of_results(results, tokens):
    """Records per second between a quarter and three quarters, by their own times."""
    size = results.stat().st_size
    with open(results, "rb") as lines:
        def time_at(share):
            lines.seek(int(size * share))
            lines.readline()
            line = json.loads(lines.readline())
            clock = line["ts"][11:23].split(":")
            return int(clock[0]) * 3600 + int(clock[1]) * 60 + float(clock[2]), line["n"]
        (t0, n0), (t1, n1) = time_at(0.25), time_at(0.75)
    return (n1 - n0) / max((t1 - t0) % 86400, 0.005)


def h2load(folder, port, requests, connections, window):
    words = h2load_words(connections, window, requests)
    return with_rate(run(words + [f"https://127.0.0.1:{port}{PATH}{token(1)}"], folder, "h2load"))


def h2load_with_log(folder, port, requests, connections, window):
    """What it takes to know what became of each: a URL of its own, and a log."""
    urls = folder / f"urls-{requests}"
    urls.write_text("".join(f"https://127.0.0.1:{port}{PATH}{token(i)}\n" for i in range(requests)))
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    words = h2load_words(connections, window, requests) + ["-i", str(urls), f"--log-file={log}"]
    return with_rate(run(words, folder, "h2load_log"))


def with_rate(taken):
    finished = re.search(r"finished in .*?, ([0-9.]+) req/s", taken["printed"])
    taken["rate_by_itself"] = float(finished.group(1))
    return taken


def curl(folder, port, requests):
    config = folder / "curl.config"
    with open(config, "w", encoding="ascii") as out:
        for i in range(requests):
            out.write(f'url = "https://127.0.0.1:{port}{PATH}{token(i)}"\noutput = /dev/null\n')
    words = ["curl", "--silent", "--http1.1", "--cacert", str(folder / "ca.pem"), "--parallel",
             "--parallel-max", "50", "--request", "POST", "-K", str(config)]
    for header in headers():
        words += ["-H", header]
    return run(words, folder, "curl")


def wrk(folder, port, seconds, connections, window):
    script = folder / "pipeline.lua"
    lines = "\n".join('wrk.headers["%s"] = "%s"' % tuple(h.split(": ")) for h in headers())
    script.write_text(f"""
{lines}
init = function(args)
    local each = wrk.format("POST", "{PATH}{token(1)}")
    all = string.rep(each, {window})
end
request = function() return all end
""")
    return run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script),
                f"https://127.0.0.1:{port}/"], folder, "wrk")


def aiohttp(folder, port, requests):
    client = pathlib.Path(__file__).with_name("aiohttp_client.py")
    return run(["/usr/bin/python3", str(client), f"https://127.0.0.1:{port}{PATH}", str(folder / "ca.pem"),
                str(requests)], folder, "aiohttp")
