#!/usr/bin/env python3
"""What the unit, the image and the example configuration must say, and must say alike.

These are the lines whose loss nothing else would notice: the service would start, and lose its drain,
its watchdog or its lack of privileges.
"""

import re
from pathlib import Path
from typing import Iterator

from common import Finding, exit_with, line_of

UNIT = "systemd/campaign-reaper.service"
TMPFILES = "systemd/campaign-reaper.tmpfiles"
IMAGE = "Dockerfile"
CONFIG = "config/config.yaml"

UNIT_MUST_SAY = [
    ("type", r"Type=notify"),
    ("start", r"ExecStart=/usr/bin/campaign-reaper run"),
    ("reload", r"ExecReload=/bin/kill -HUP \$MAINPID"),
    ("user", r"User=campaign-reaper"),
    ("watchdog", r"WatchdogSec=\d+s"),
    ("restart", r"Restart=on-failure"),
    ("configuration-exit", r"RestartPreventExitStatus=78"),
    ("core-dumps", r"LimitCORE=0"),
    ("state-directory", r"StateDirectory=campaign-reaper"),
    ("capabilities", r"CapabilityBoundingSet="),
    ("privileges", r"NoNewPrivileges=yes"),
    ("network", r"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"),
]
# Directories of the spool and their modes: what users may do where (SPEC 3).
SPOOL = {
    "": "0755", "/incoming": "2770", "/control": "2770", "/active": "0750", "/done": "0750",
    "/rejected": "0750", "/state": "0711",
}  # fmt: skip


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(s|min)?", text).groups()
    return int(number) * (60 if unit == "min" else 1)


def check_unit(root: Path) -> Iterator[Finding]:
    text = (root / UNIT).read_text(encoding="utf-8")
    for rule, pattern in UNIT_MUST_SAY:
        if not re.search(rf"^{pattern}$", text, re.MULTILINE):
            yield Finding(UNIT, 0, f"unit-{rule}", f"no line {pattern}")
    config = (root / CONFIG).read_text(encoding="utf-8")
    drain = re.search(r"^\s*#?\s*drain:\s*(\w+)", config, re.MULTILINE)
    stop = re.search(r"^TimeoutStopSec=(\w+)$", text, re.MULTILINE)
    if drain is None or stop is None or seconds(stop.group(1)) < seconds(drain.group(1)) + 10:
        yield Finding(UNIT, 0, "unit-drain", "TimeoutStopSec must leave time beyond shutdown.drain")


def check_spool(root: Path) -> Iterator[Finding]:
    text = (root / TMPFILES).read_text(encoding="utf-8")
    modes = {path: mode for path, mode in re.findall(r"^d +/var/lib/campaign-reaper(\S*) +(\d+) ", text, re.M)}
    for folder, mode in SPOOL.items():
        if modes.get(folder) != mode:
            yield Finding(TMPFILES, 0, "spool-mode", f"{folder or '/'} must be {mode}, not {modes.get(folder)}")


def check_image(root: Path) -> Iterator[Finding]:
    text = (root / IMAGE).read_text(encoding="utf-8")
    stages = re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]
    for stage in stages:
        line = line_of(text, text.index(stage))
        name = re.search(r" AS ([\w-]+)", stage)
        if not re.match(r"FROM (debian:bookworm(-slim)?|[a-z-]+) AS ", stage):
            yield Finding(IMAGE, line, "image-base", "a stage has a name, and Debian 12 below it")
        if name and name.group(1) == "daemon":
            yield from check_daemon_stage(stage, line)
    if not any(re.search(r" AS daemon\b", stage) for stage in stages):
        yield Finding(IMAGE, 0, "image-daemon", "no stage `daemon`")
    elif not re.search(r" AS daemon\b", stages[-1]):
        yield Finding(IMAGE, 0, "image-daemon", "the last stage, which is the default, must be the daemon")


def check_daemon_stage(stage: str, line: int) -> Iterator[Finding]:
    for rule, pattern in [
        ("image-user", r"^USER \d+:\d+$"),
        ("image-health", r'^HEALTHCHECK .*CMD \["campaign-reaper", "health"\]$'),
        ("image-stop", r"^STOPSIGNAL SIGTERM$"),
        ("image-spool", r"^VOLUME "),
        ("image-entry", r'^ENTRYPOINT \["campaign-reaper"\]$'),
    ]:
        if not re.search(pattern, stage.replace("\\\n", " "), re.MULTILINE):
            yield Finding(IMAGE, line, rule, f"the daemon's stage has no line {pattern}")


def findings(root: Path) -> Iterator[Finding]:
    yield from check_unit(root)
    yield from check_spool(root)
    yield from check_image(root)


BAD_TREE = {
    UNIT: """# BAD FILE: unit-type
# BAD FILE: unit-watchdog
# BAD FILE: unit-drain
ExecStart=/usr/bin/campaign-reaper run
ExecReload=/bin/kill -HUP $MAINPID
User=campaign-reaper
Restart=on-failure
RestartPreventExitStatus=78
LimitCORE=0
StateDirectory=campaign-reaper
CapabilityBoundingSet=
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
TimeoutStopSec=30s
""",
    CONFIG: "shutdown:\n  drain: 25s\n",
    TMPFILES: """# BAD FILE: spool-mode
d /var/lib/campaign-reaper          0755 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/incoming 2770 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/control  2770 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/active   0750 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/done     0750 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/rejected 0750 campaign-reaper campaign-reaper -
d /var/lib/campaign-reaper/state    0777 campaign-reaper campaign-reaper -
""",
    IMAGE: """FROM debian:bookworm AS build
FROM alpine:3 AS other  # BAD: image-base
FROM debian:bookworm-slim AS daemon  # BAD: image-user  # BAD: image-health
USER reaper
STOPSIGNAL SIGTERM
VOLUME /var/lib/campaign-reaper
ENTRYPOINT ["campaign-reaper"]
HEALTHCHECK CMD exit 0
FROM build AS last
# BAD FILE: image-daemon
""",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
