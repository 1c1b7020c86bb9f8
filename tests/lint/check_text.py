#!/usr/bin/env python3
"""What every text file of the project keeps to: UTF-8, LF, no tabs where .editorconfig says spaces, no
trailing space, an end to the last line; no path of one machine, no registry's host name, no private
key; British spelling in the documents; links between documents that lead somewhere.
"""

import re
from pathlib import Path
from typing import Iterator
from urllib.parse import unquote

from common import Finding, exit_with, files_below, line_of, relative

# Brackets keep these patterns from matching themselves.
FORBIDDEN = [
    (re.compile(r"/[w]ork/|/[f]arm/|[b]ash_jobs|/home/[a-z]+/|/Users/[A-Z]?[a-z]+/"),
     "machine-path", "a path of one machine"),
    (re.compile(r"\b([d]ocker\.io|[g]hcr\.io|[q]uay\.io|[g]cr\.io|registry[-.][\w.]*\.(io|org|com)"
                r"|(deb|security)\.[d]ebian\.org|[p]ypi\.org|registry\.[n]pmjs\.org)\b"),
     "registry-host", "registries are named by the machine's own settings"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE [K]EY-----"),
     "private-key", "keys are made when they are needed, never stored"),
]  # fmt: skip
AMERICAN = re.compile(
    r"\b(behaviors?|colors?|honor(s|ed|ing)?|favor(s|ed)?|canceled|canceling|centers?|labeled|labeling"
    r"|(recogn|organ|initial|serial|normal|optim|summar|author|prior)iz(e|es|ed|ing|ation))\b",
    re.IGNORECASE,
)
CODE_SPAN = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
TEXT_SUFFIXES = {
    "", ".cpp", ".hpp", ".py", ".sh", ".md", ".cmake", ".txt", ".json", ".yaml", ".yml", ".service",
    ".conf", ".in", ".css", ".html", ".js",
}  # fmt: skip


def check_form(source: str, text: str) -> Iterator[Finding]:
    if "\r" in text:
        yield Finding(source, line_of(text, text.index("\r")), "line-end", "LF, please")
    if text and not text.endswith("\n"):
        yield Finding(source, text.count("\n") + 1, "last-line", "the last line has no end")
    for match in re.finditer(r"[ \t]+$", text, re.MULTILINE):
        yield Finding(source, line_of(text, match.start()), "trailing-space", "trailing white space")
    for match in re.finditer(r"^ *\t", text, re.MULTILINE):
        yield Finding(source, line_of(text, match.start()), "tab", "indent with spaces")


def check_document(path: Path, source: str, text: str) -> Iterator[Finding]:
    prose = CODE_SPAN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in AMERICAN.finditer(prose):
        yield Finding(source, line_of(text, match.start()), "spelling", f"{match.group()}: British, please")
    for match in LINK.finditer(prose):
        target = unquote(match.group(1).split("#")[0])
        if target and "://" not in target and not target.startswith("mailto:"):
            if not (path.parent / target).exists():
                yield Finding(source, line_of(text, match.start()), "dead-link", f"{target} is not there")


def findings(root: Path) -> Iterator[Finding]:
    for path in files_below(root):
        source = relative(root, path)
        if path.suffix not in TEXT_SUFFIXES or "fuzz/corpus" in source:
            continue
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            yield Finding(source, 0, "not-utf8", str(error))
            continue
        yield from check_form(source, text)
        for pattern, rule, why in FORBIDDEN:
            for match in pattern.finditer(text):
                yield Finding(source, line_of(text, match.start()), rule, f"{match.group()}: {why}")
        if path.suffix == ".md":
            yield from check_document(path, source, text)


BAD_TREE = {
    "docs/here.md": "# Here\n",
    "docs/a.md": "[fine](here.md#top) and [a page](https://example.org/x) and `color` in code\n"
    "[gone](there.md) <!-- BAD: dead-link -->\n"
    "the behavior <!-- BAD: spelling -->\n",
    "src/x.cpp": "// see /" + "work/main  // BAD: machine-path\n"
    "// trailing  // BAD: trailing-space   \n"
    "\tint x;  // BAD: tab\n"
    "// no end  // BAD: last-line",
    "Dockerfile": "FROM debian:bookworm-slim\nFROM docker" + ".io/library/debian  # BAD: registry-host\n",
    "tests/key.txt": "-----BEGIN PRIVATE" + " KEY-----  # BAD: private-key\n",
    "scripts/x": "echo 1  # BAD: line-end\r\n",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
