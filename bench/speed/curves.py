"""How the daemon's rate follows the size of the job, the window, the connections and the round trip."""

import contenders as by

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 420, 260, 64, 30, 34


def rate_of(build, folder, tokens, connections, window, delay=0):
    server = by.LeanServer(build, folder, *(["--delay", str(delay)] if delay else []))
    try:
        taken = by.ours(build, folder, server.port, tokens, connections, window)
    finally:
        seen = server.stop()
    return taken, seen


def measure(build, folder, quick):
    big = 100_000 if quick else 2_000_000
    sizes = [10 ** n for n in range(3, 6 if quick else 8)]
    yield ("tokens of the job, whole run of once", "tokens/s",
           [(n, n / rate_of(build, folder, n, 4, 256)[0]["seconds"]) for n in sizes])
    yield ("window of each of 4 connections", "requests/s",
           [(w, rate_of(build, folder, big, 4, w)[1]["rate"]) for w in (1, 4, 16, 64, 256, 1024)])
    yield ("connections, window 64", "requests/s",
           [(c, rate_of(build, folder, big, c, 64)[1]["rate"]) for c in (1, 2, 4, 8)])
    yield ("round trip in ms, 4 connections, window 1024", "requests/s",
           [(max(d, 0.1), rate_of(build, folder, big if d < 10 else big // 4, 4, 1024, d)[1]["rate"])
            for d in (0, 5, 20, 40, 100, 200)])


def panel(title, unit, points):
    """A line on two logarithmic scales."""
    import math
    xs = [math.log10(x) for x, _ in points]
    ys = [math.log10(max(y, 1)) for _, y in points]
    low, high = math.floor(min(ys)), math.ceil(max(ys))
    high += 1 if high == low else 0

    def at(x, y):
        return (LEFT + (WIDTH - LEFT - 16) * (x - xs[0]) / (xs[-1] - xs[0]),
                HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (y - low) / (high - low))

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="18" font-size="12">{unit} by {title}</text>']
    for power in range(low, high + 1):
        _, y = at(xs[0], power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10 ** power:,}</text>')
    line = []
    for (x, y), lx, ly in zip(points, xs, ys):
        px, py = at(lx, ly)
        line.append(f"{px:.1f},{py:.1f}")
        parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="#1f5fa8"/>'
                     f'<text x="{px:.1f}" y="{HEIGHT - 14}" text-anchor="middle">{x:,.10g}</text>'
                     f'<text x="{px:.1f}" y="{py - 7:.1f}" text-anchor="middle" fill="#555">{y:,.0f}</text>')
    parts.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>')
    return "\n".join(parts)


def draw(build, folder, quick, target):
    panels = []
    for title, unit, points in measure(build, folder, quick):
        print(f"{unit} by {title}: " + "; ".join(f"{x:g}: {y:,.0f}" for x, y in points), flush=True)
        panels.append(panel(title, unit, points))
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}" height="{2 * HEIGHT}" '
             'font-family="sans-serif" font-size="10">']
    for number, each in enumerate(panels):
        parts.append(f'<g transform="translate({number % 2 * WIDTH},{number // 2 * HEIGHT})">{each}</g>')
    if target:
        target.write_text("\n".join(parts + ["</svg>\n"]))
