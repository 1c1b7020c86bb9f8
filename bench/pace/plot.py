#!/usr/bin/env python3
"""Draws runs of the pace in virtual time: plot.py BENCH FILE SCENARIO INDEX TITLE OUT.svg

The line is the pace, in terms of the limit at the start; red stretches are silences.
"""

import subprocess
import sys

WIDTH, HEIGHT, LEFT, TOP = 860, 260, 46, 30


def points(bench: str, file: str, scenario: str, index: str) -> list[tuple[float, float, bool]]:
    said = subprocess.run([bench, "trace", file, scenario, index], check=True, capture_output=True, text=True)
    rows = [line.split() for line in said.stdout.splitlines() if not line.startswith("efficiency")]
    return [(float(row[0]), float(row[1]), len(row) > 3) for row in rows]


def draw(rows: list[tuple[float, float, bool]], title: str) -> str:
    last = rows[-1][0]
    highest = sorted(row[1] for row in rows)[int(len(rows) * 0.995)] * 1.1

    def x(t: float) -> float:
        return LEFT + (WIDTH - LEFT - 10) * t / last

    def y(pace: float) -> float:
        return HEIGHT - 24 - (HEIGHT - TOP - 24) * min(pace, highest) / highest

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
        f'font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="{LEFT}" y="18" font-size="13">{title}</text>'
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = share * highest
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>'
            f'<text x="{x(share * last):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{share * last:.0f} s</text>'
        )
    for before, row in zip(rows, rows[1:]):
        if row[2]:
            parts.append(
                f'<rect x="{x(before[0]):.1f}" y="{TOP}" width="{max(0.8, x(row[0]) - x(before[0])):.1f}" '
                f'height="{HEIGHT - TOP - 24}" fill="#f6c5c0"/>'
            )
    line = " ".join(f"{x(t):.1f},{y(pace):.1f}" for t, pace, _ in rows)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.2"/></svg>\n')
    return "\n".join(parts)


if __name__ == "__main__":
    bench, file, scenario, index, title, out = sys.argv[1:]
    with open(out, "w", encoding="utf-8") as target:
        target.write(draw(points(bench, file, scenario, index), title))
