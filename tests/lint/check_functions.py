#!/usr/bin/env python3
"""A function fits a screen: 60 lines are the target, 70 the wall, from its first line to its brace.

It relies on the layout that .clang-format gives: the brace of a function, class, struct or enum
stands on a line of its own, that of a namespace does not.
"""

import re
from pathlib import Path
from typing import Iterator

from common import Finding, code_only, cpp_files, exit_with, relative

LINES_MAX = 70
TYPE = re.compile(r"^(template\s*<.*>\s*)?(class|struct|union|enum)\b")
# What ends the lines above a function's head.
ABOVE = re.compile(r"^\s*$|[;{}]\s*$|^\s*(public|private|protected):|^\s*#")


def closing_line(lines: list[str], start: int) -> int:
    depth = 0
    for number in range(start, len(lines)):
        depth += lines[number].count("{") - lines[number].count("}")
        if depth <= 0:
            return number
    return len(lines) - 1


def first_line(lines: list[str], brace: int) -> int:
    """Where the head of the function begins: back to an empty line or the end of what stands above."""
    start = brace
    while start > 0 and not ABOVE.search(lines[start - 1]):
        start -= 1
    return start


def functions(code: str) -> Iterator[tuple[int, int, str]]:
    """(first line, last line, head) of each function with a brace on its own line, from 0."""
    lines = code.splitlines()
    number = 0
    while number < len(lines):
        if lines[number].strip() == "{":
            start = first_line(lines, number)
            head = " ".join(" ".join(lines[start:number]).split())
            if not TYPE.match(head):
                end = closing_line(lines, number)
                yield start, end, head
                number = end
        number += 1


def findings(root: Path) -> Iterator[Finding]:
    for path in cpp_files(root, "src", "include"):
        source, code = relative(root, path), code_only(path.read_text(encoding="utf-8"))
        for start, end, head in functions(code):
            length = end - start + 1
            if length > LINES_MAX:
                yield Finding(source, start + 1, "long-function", f"{length} lines: {head[:60]}")


def _sample(name: str, length: int, mark: str = "") -> str:
    body = "\n".join(f"    step({number});  // {{ not a brace" for number in range(length - 3))
    return f"void {name}(int value){mark}\n{{\n{body}\n}}\n\n"


BAD_TREE = {
    "src/core/x.cpp": "namespace reaper {\n\n"
    + _sample("fits", LINES_MAX)
    + _sample("too_long", LINES_MAX + 1, "  // BAD: long-function")
    + "class big\n{\npublic:\n"
    + "    int a;\n" * 80
    + _sample("member", LINES_MAX + 5, "  // BAD: long-function")
    + "};\n\n}  // namespace reaper\n",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
