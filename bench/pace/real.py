#!/usr/bin/env python3
"""What the sandbox's ledger says of a run of scripts/pace-real, as a row of a table:

real.py LEDGER RATE SHAPE SECONDS LATENCY_MS SIMULATED AUDIT     or     real.py --head
"""

import json
import sys
from itertools import pairwise

SILENCE_S = 5.0
# A request may be under way for so long when the 429 is written.
ROUND_TRIP_S = 0.05
# A longer gap is no spacing.
PAUSE_S = 2.0

COLUMNS = [
    "limit", "of the limit", "of the oracle", "simulated", "last minute", "silences", "refused",
    "in a silence", "gap 1 %, 50 %, 99 % (ms)", "bunched", "shares",
]  # fmt: skip


def requests(path: str) -> list[dict]:
    with open(path, encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines if '"delete"' in line]
    for each in every:
        each["at"] = each["t"] / 1e9
        each["let_through"] = each["status"] != 429
    return sorted(every, key=lambda each: each["at"])


def oracle_count(shape: str, rate: float, seconds: float) -> float:
    """The most that a client could get that sees the limiter's state."""
    if shape in ("fixed", "ban"):
        return rate * (seconds + 1)  # it may touch one window more
    if shape.startswith("bucket:"):
        return rate * seconds + float(shape.split(":")[1])
    return rate * (seconds + 0.03) if shape == "leaky" else rate * seconds


def silences(of_one: list[dict], latency_s: float) -> tuple[int, int]:
    """How many silences began, and how many requests came inside one."""
    began = inside = 0
    answered = -1e9
    for each in of_one:
        since = each["at"] - answered
        if latency_s + ROUND_TRIP_S < since < SILENCE_S:
            inside += 1
        if not each["let_through"]:
            began += since >= latency_s + ROUND_TRIP_S
            answered = max(answered, each["ta"] / 1e9)
    return began, inside


def spacing(every: list[dict], rate: float) -> tuple[str, str]:
    """After the ramp: the gaps between requests, and the share of those below a tenth of an even one."""
    begin = next((each["at"] + SILENCE_S for each in every if not each["let_through"]), every[0]["at"] + 10)
    instants = [each["at"] for each in every if each["at"] >= begin]
    gaps = sorted(b - a for a, b in pairwise(instants) if b - a < PAUSE_S)
    if not gaps:
        return "-", "-"
    shown = ", ".join(f"{1000 * gaps[int(len(gaps) * share)]:.2f}" for share in (0.01, 0.5, 0.99))
    return shown, f"{100 * sum(gap < 0.1 / rate for gap in gaps) / len(gaps):.1f} %"


def row(path: str, rate: float, shape: str, seconds: float, latency_s: float) -> list[str]:
    every = requests(path)
    begin = every[0]["at"]
    every = [each for each in every if each["at"] < begin + seconds]
    through = [each for each in every if each["let_through"]]
    late = sum(each["at"] >= begin + seconds - 60 for each in through)
    names = sorted({each["token"][0] for each in every})
    each_ones = [silences([each for each in every if each["token"][0] == name], latency_s) for name in names]
    counts = [sum(each["token"][0] == name for each in through) for name in names]
    gaps, bunched = spacing(every, rate)
    return [
        f"{len(through) / (rate * seconds):.3f}",
        f"{len(through) / oracle_count(shape, rate, seconds):.3f}",
        f"{late / (rate * min(60, seconds)):.3f}",
        str(sum(one[0] for one in each_ones)),
        str(len(every) - len(through)),
        str(sum(one[1] for one in each_ones)),
        gaps,
        bunched,
        " : ".join(f"{count / len(through):.2f}" for count in counts),
    ]


def main() -> None:
    if sys.argv[1:] == ["--head"]:
        print(f"| {' | '.join(COLUMNS)} | audit |\n|{'---|' * (len(COLUMNS) + 1)}")
        return
    path, rate, shape, seconds, latency_ms, simulated, audit = sys.argv[1:]
    cells = row(path, float(rate), shape, float(seconds), float(latency_ms) / 1000)
    cells.insert(2, simulated)
    print(f"| {shape}, {rate}/s | {' | '.join(cells)} | {audit.removeprefix('audit: ')} |", flush=True)


if __name__ == "__main__":
    main()
