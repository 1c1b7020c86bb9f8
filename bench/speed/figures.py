"""What is no rate: how soon a big job begins, and begins again; memory; what a slow or idle daemon costs."""

import json
import pathlib
import signal
import subprocess
import time

import contenders as by


def start(build, folder):
    """The daemon, from when it shows a status."""
    status = folder / "spool/state/status.json"
    status.unlink(missing_ok=True)
    with open(folder / "daemon.err", "w", encoding="utf-8") as log:
        daemon = subprocess.Popen(
            by.on_core(by.CLIENT_CORE, [str(build / "src/campaign-reaper"), "--config",
                                        str(folder / "config.yaml"), "run"]),
            stdout=subprocess.DEVNULL, stderr=log)
    wait_for(status.exists, "the start")
    return daemon


def results_bytes(folder):
    return sum(path.stat().st_size for path in (folder / "spool").glob("active/*/results.jsonl"))


def answered(folder):
    """Tokens with a record, about: by the last whole line."""
    for path in (folder / "spool").glob("active/*/results.jsonl"):
        with open(path, "rb") as lines:
            lines.seek(max(0, path.stat().st_size - 1000))
            whole = lines.read().split(b"\n")[:-1]
        if whole and whole[-1].startswith(b"{"):
            return json.loads(whole[-1])["n"]
    return 0


def wait_for(condition, what, patience=300):
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > patience:
            raise SystemExit(f"waited in vain: {what}")
        time.sleep(0.005)
    return time.monotonic() - began


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def big_job(build, folder, tokens):
    """Taken in, killed at half, begun again."""
    server = by.LeanServer(build, folder)
    by.fresh_spool(folder)
    by.configure(folder, server.port, 4, 256)
    daemon = start(build, folder)
    by.drop(folder, tokens)
    first = wait_for(lambda: results_bytes(folder) > 0, "the first answer")
    yield f"{tokens:,} tokens: from rename-in to the first answers in the results", f"{first:.1f} s"
    wait_for(lambda: answered(folder) > tokens // 2, "half of the answers")
    yield f"{tokens:,} tokens: resident memory, its highest", f"{peak_mib(daemon.pid):.0f} MiB"
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    before = results_bytes(folder)
    began = time.monotonic()
    daemon = start(build, folder)
    wait_for(lambda: results_bytes(folder) > before, "an answer after the kill")
    again = time.monotonic() - began
    yield (f"{tokens:,} tokens: from the start after kill -9 at half to the next answers in "
           "the results (5 s of it are the silence after a crash)"), f"{again:.1f} s"
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    server.stop()


def slow_pace(build, folder, seconds):
    """A pace of 100/s, and nothing at all."""
    server = by.LeanServer(build, folder)
    by.fresh_spool(folder)
    by.configure(folder, server.port, 1, 64, pace="100/s")
    daemon = start(build, folder)
    time.sleep(3)
    before = by.exact_cpu_seconds(daemon.pid)
    time.sleep(seconds)
    yield "CPU of an idle daemon", f"{(by.exact_cpu_seconds(daemon.pid) - before) / seconds:.2%} of a core"
    by.drop(folder, 100 * (seconds + 30))
    wait_for(lambda: answered(folder) > 500, "the pace")
    before, tokens_before = by.exact_cpu_seconds(daemon.pid), answered(folder)
    time.sleep(seconds)
    used = by.exact_cpu_seconds(daemon.pid) - before
    answers = answered(folder) - tokens_before
    yield (f"CPU at a pace of 100/s (about {answers / seconds:.0f}/s seen)",
           f"{used / seconds:.2%} of a core, {used / answers * 1e6:.0f} us a request")
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    server.stop()
    yield "the same packets at 100/s, without TLS, results or anything else (bare_loop)", bare_loop(build, seconds)


def bare_loop(build, seconds):
    """What the machine itself asks for: waking to send, and waking to receive."""
    words = by.on_core(by.CLIENT_CORE, [str(build / "bench/speed/bare_loop"), "100", str(seconds)])
    used, cycles = map(float, subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())
    return f"{used / seconds:.2%} of a core, {used / cycles * 1e6:.0f} us a request"


def show(build, folder, quick, only):
    sources = {"slow pace": lambda: slow_pace(build, folder, 3 if quick else 30),
               "big job": lambda: big_job(build, folder, 500_000 if quick else 1_000_000)}
    if not quick:
        sources["bigger job"] = lambda: big_job(build, folder, 10_000_000)
    lines = ["| what | figure |", "|---|---|"]
    for name, source in sources.items():
        for what, figure in source() if only in name else ():
            print(f"{what}: {figure}", flush=True)
            lines.append(f"| {what} | {figure} |")
    return "\n".join(lines)
