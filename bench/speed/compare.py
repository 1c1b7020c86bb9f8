#!/usr/bin/env python3
"""The comparison that scripts/bench runs: contenders in turns, medians, ratios to h2load."""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import tempfile

import contenders as by
import curves
import figures


BOUND_AT_40_MS = 4 * 256 / 0.040


def parse():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--build", type=pathlib.Path, required=True)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--quick", action="store_true")
    words.add_argument("--only", default="",
                       help="rows whose name holds this word; of --figures: slow pace, big job, bigger job")
    words.add_argument("--write", type=pathlib.Path)
    words.add_argument("--curves", action="store_true", help="draw how the rate follows size, window, ...")
    words.add_argument("--figures", action="store_true", help="big jobs, memory, a slow pace, idleness")
    return words.parse_args()


def against_lean(run, *options):
    def one(build, folder):
        server = by.LeanServer(build, folder, *options)
        try:
            taken = run(build, folder, server.port)
        finally:
            seen = server.stop()
        return {**taken, **seen}
    return one


def against_nginx(run, rate, **settings):
    def one(build, folder):
        server = by.Nginx(folder, **settings)
        try:
            taken = run(build, folder, server.port)
        finally:
            seen = server.stop()
        return {**taken, "rate": taken[rate], "requests": taken["asked"],
                "busy": seen["server_cpu"] / taken["seconds"]}
    return one


def rows(scale):
    """(name, what it is compared with, how to run it once)"""
    many, some, few = int(4_000_000 * scale), int(1_000_000 * scale), int(60_000 * scale)

    def ours(tokens, connections, window):
        return lambda build, folder, port: {
            **by.ours(build, folder, port, tokens, connections, window), "asked": tokens}

    def h2load(requests, connections, window):
        return lambda build, folder, port: {
            **by.h2load(folder, port, requests, connections, window), "asked": requests}

    listed = []
    for window in (64, 256):
        peer = f"h2load, c4 m{window}, one URL, no log"
        listed.append((peer, None, against_lean(h2load(many, 4, window))))
        listed.append((f"campaign-reaper, 4 x {window}", peer, against_lean(ours(many, 4, window))))
    listed.append(("h2load, c4 m64, URL file and log", None,
                   against_lean(lambda b, f, p: by.h2load_with_log(f, p, some, 4, 64))))
    listed.append(("campaign-reaper, 4 x 64, against it", "h2load, c4 m64, URL file and log",
                   against_lean(ours(many, 4, 64))))
    listed.append(("campaign-reaper, 4 x 64, heads that differ", "h2load, c4 m64, one URL, no log",
                   against_lean(ours(many, 4, 64), "--different-heads")))
    listed.append(("wrk, c4, 64 deep", "h2load, c4 m64, one URL, no log",
                   against_lean(lambda b, f, p: by.wrk(f, p, max(2, int(6 * scale)), 4, 64))))
    listed.append(("curl --parallel-max 50", None, against_lean(lambda b, f, p: by.curl(f, p, few))))
    listed.append(("campaign-reaper, 4 x 64, against curl", "curl --parallel-max 50",
                   against_lean(ours(many, 4, 64))))
    listed.append(("aiohttp, 50 connections", None,
                   against_lean(lambda b, f, p: by.aiohttp(f, p, max(2000, few // 10)))))
    listed.append(("nginx: h2load, c4 m64", None, against_nginx(h2load(some, 4, 64), "rate_by_itself")))
    listed.append(("nginx: campaign-reaper, 4 x 64", "nginx: h2load, c4 m64",
                   against_nginx(ours(some * 2, 4, 64), "rate_by_results")))
    # As it comes, it closes a connection after a thousand requests.
    listed.append(("nginx that closes after 1,000: campaign-reaper, 4 x 64", "nginx: campaign-reaper, 4 x 64",
                   against_nginx(ours(some * 2, 4, 64), "rate_by_results", keepalive_requests=1000)))
    listed.append(("disk of 10 ms a sync: campaign-reaper, 4 x 64", "campaign-reaper, 4 x 64",
                   against_lean(lambda b, f, p: {
                       **by.ours(b, f, p, many, 4, 64, variables={"LD_PRELOAD": str(slow_disk(f))})})))
    listed.append(("40 ms: campaign-reaper, 4 x 256", None,
                   against_lean(ours(max(100_000, some // 2), 4, 256), "--delay", "40")))
    return listed


def slow_disk(folder):
    """A library that makes every fdatasync take ten milliseconds more."""
    made = folder / "slow_disk.so"
    source = pathlib.Path(__file__).with_name("slow_disk.c")
    if not made.exists():
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", made, source, "-ldl"], check=True)
    return made


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                if line.startswith("model name")), platform.machine())
    def first_line(*words):
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split("\n")[0]
    openssl = first_line("openssl", "version")
    return (f"{os.cpu_count()} x {cpu}; Linux {platform.release().split('-')[0]}; {openssl}; {first_line('h2load', '--version')}; "
            f"{first_line('curl', '--version').split(' (')[0]}")


def table(names, peers, found):
    lines = ["| contender | requests/s, middle half | lowest, highest | whole run | CPU us per request | MiB "
             "| server busy | ratio |", "|---|---|---|---|---|---|---|---|"]
    for name in names:
        taken = found[name]
        rates = [each["rate"] for each in taken]
        count = [each["requests"] or each.get("asked") for each in taken]
        cpu = statistics.median(each["cpu"] / n * 1e6 for each, n in zip(taken, count))
        busy = [each["busy"] for each in taken]
        ratio = ""
        if peers[name] in found:
            # Rounds are compared with themselves: the machine is not the same in each.
            ratio = "%.2f" % statistics.median(
                mine["rate"] / theirs["rate"] for mine, theirs in zip(taken, found[peers[name]]))
        if name.startswith("40 ms"):
            ratio = "%.3f of the bound" % (statistics.median(rates) / BOUND_AT_40_MS)
        whole = statistics.median(n / each["seconds"] for each, n in zip(taken, count))
        lines.append("| %s | %s | %s, %s | %s | %.2f | %.0f | %s | %s |" % (
            name, f"{statistics.median(rates):,.0f}", f"{min(rates):,.0f}", f"{max(rates):,.0f}",
            f"{whole:,.0f}", cpu,
            statistics.median(each["mib"] for each in taken),
            # With a delay the server looks at its clock all the time.
            "" if name.startswith("40 ms") else "%.0f %%" % (100 * statistics.median(busy)), ratio))
    return "\n".join(lines)


def compare(asked, folder):
    scale = 0.05 if asked.quick else 1
    rounds = 1 if asked.quick else asked.rounds
    chosen = [row for row in rows(scale) if asked.only in row[0]]
    found = {name: [] for name, _, _ in chosen}
    for number in range(rounds):
        for name, _, run in chosen:
            taken = run(asked.build, folder)
            found[name].append(taken)
            print(f"round {number + 1}: {name}: {taken['rate']:,.0f}/s", flush=True)
    printed = table([name for name, _, _ in chosen], {name: peer for name, peer, _ in chosen}, found)
    print(f"\n{printed}\n")
    if asked.write:
        asked.write.write_text(
            f"<!-- by scripts/bench, {rounds} rounds; do not edit -->\n\n{machine()}\n\n{printed}\n")


def main():
    asked = parse()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="campaign-reaper-bench."))
    try:
        if asked.curves:
            curves.draw(asked.build, folder, asked.quick, asked.write)
        elif asked.figures:
            table_of_figures = figures.show(asked.build, folder, asked.quick, asked.only)
            if asked.write:
                asked.write.write_text(f"<!-- by scripts/bench --figures -->\n\n{table_of_figures}\n")
        else:
            compare(asked, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
