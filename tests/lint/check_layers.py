#!/usr/bin/env python3
"""Keeps the floors of docs/ARCHITECTURE.md.

- A file includes files of its own floor or of lower ones; nothing includes in a circle.
- Files of core are islands: one public header each, and no include leads from one to another.
- base, model, core and engine are pure: no Asio, no files, no clock read, no log, no randomness
  but from an engine that is passed in.
- The sandbox shares base/ with the daemon and nothing else: it is a second opinion.
- A unit test includes no floor above the engine.
- 350 lines is the wall; a header has `#pragma once`; a source is named by a CMake file; nothing is
  left open by a note to oneself.
"""

import re
from pathlib import Path
from typing import Iterator

from common import Finding, code_only, cpp_files, exit_with, files_below, line_of, relative

FLOORS = {
    "base": 0, "model": 1, "core": 2, "engine": 3, "rt": 4, "io": 5, "app": 6, "daemon": 7, "cli": 8,
}  # fmt: skip
ENGINE = FLOORS["engine"]
MAIN = 9
LINES_MAX = 350

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)

# The one place below the border where Beast may be used: its HTTP parser, fed from memory.
BEAST_PARSER = re.compile(r"src/core/reply_parser[a-z_]*\.[ch]pp")

BANNED_HEADERS = [
    (re.compile(r"boost/(asio|beast)[/.]|openssl/"), "the network belongs to io/"),
    (re.compile(r"(fstream|iostream|filesystem|cstdio|stdio\.h)$"), "files belong to io/"),
    (re.compile(r"(unistd|fcntl|dirent|poll|signal)\.h$|sys/|linux/|netinet/|arpa/"),
     "system calls belong to rt/ and io/"),
    (re.compile(r"spdlog/"), "return facts; app/ phrases and logs them"),
    (re.compile(r"(thread|mutex|future|condition_variable)$"), "threads belong to rt/ and io/"),
]  # fmt: skip
BANNED_WORDS = [
    (re.compile(r"::now\s*\(|\b(clock_gettime|gettimeofday)\s*\(|\btime\s*\(\s*(NULL|nullptr|0)\s*\)"),
     "`now` is an argument"),
    (re.compile(r"\bstd::(cout|cerr|clog|cin)\b|\bf?printf\s*\(|\bfmt::print\b"), "nothing is printed here"),
    (re.compile(r"\brandom_device\b|\bs?rand\s*\("), "an engine is an argument"),
    (re.compile(r"\b(secure_)?getenv\s*\("), "the environment is read in io/"),
    (re.compile(r"\bstd::(i|o)?fstream\b|\bstd::filesystem\b|\bfopen\s*\("), "files belong to io/"),
]  # fmt: skip
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def place(path: str) -> tuple[str, str]:
    """(area, name) of a path: ('core', 'job_reader'), ('sandbox', 'api'), ('tests', 'unit')..."""
    parts = path.split("/")
    if parts[0] == "tests":
        return "tests", parts[1] if len(parts) > 2 else ""
    if parts[:2] == ["include", "reaper"] and len(parts) > 3:
        return parts[2], parts[3].removesuffix(".hpp")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1], re.sub(r"\.[ch]pp$", "", parts[2])
    return "main", ""


def resolve(root: Path, path: Path, target: str) -> str | None:
    for base in (root / "include", path.parent, root / "src", root / "tests"):
        candidate = base / target
        if candidate.is_file():
            return relative(root, candidate.resolve())
    return None


def check_include(source: str, target: str) -> tuple[str, str] | None:
    """The rule that `source` breaks by including `target`, if any."""
    from_area, tier = place(source)
    to_area, _ = place(target)
    if from_area == "sandbox":
        if to_area not in ("sandbox", "base"):
            return "sandbox", f"the sandbox shares base/ only, not {to_area}/"
        return None
    if to_area == "sandbox" and from_area != "tests":
        return "sandbox", "the daemon knows nothing of the sandbox"
    if from_area == "tests":
        if tier == "unit" and FLOORS.get(to_area, -1) > ENGINE:
            return "unit-test", f"a unit test stays below the border, {to_area}/ is above it"
        return None
    from_floor = FLOORS.get(from_area, MAIN)
    to_floor = FLOORS.get(to_area, MAIN)
    if to_floor > from_floor:
        return "floor", f"{from_area} ({from_floor}) must not include {to_area} ({to_floor})"
    return None


def check_includes(root: Path) -> Iterator[Finding]:
    graph: dict[str, list[tuple[str, int]]] = {}
    for path in cpp_files(root, "src", "include", "tests"):
        source = relative(root, path)
        graph[source] = []
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            line = line_of(text, match.start(1))
            quoted, name = match.group(1) == '"', match.group(2)
            target = resolve(root, path, name) if quoted or name.startswith("reaper/") else None
            if quoted and target is None:
                yield Finding(source, line, "unresolved", f'"{name}" is nowhere in the tree')
            if target is not None:
                graph[source].append((target, line))
                broken = check_include(source, target)
                if broken:
                    yield Finding(source, line, *broken)
    yield from circles(graph)
    yield from check_islands(graph)


def check_islands(graph: dict[str, list[tuple[str, int]]]) -> Iterator[Finding]:
    """Files of core that are joined by includes are an island, and an island has one public header."""
    bridges = [
        (source, target, line)
        for source, includes in graph.items()
        for target, line in includes
        if place(source)[0] == place(target)[0] == "core"
    ]
    island = {name: name for name in graph if place(name)[0] == "core"}
    for source, target, _ in bridges:
        old, new = island[source], island[target]
        for name in island:
            island[name] = new if island[name] == old else island[name]
    public: dict[str, set[str]] = {}
    for name, of in island.items():
        if name.startswith("include/"):
            public.setdefault(of, set()).add(name)
    for source, target, line in bridges:
        heads = public.get(island[source], set())
        if len(heads) < 2:
            continue
        # A file's own header is no bridge, and neither is a private one that only one island uses.
        own = own_header(source, heads)
        users = {own_header(user, heads) for user, used, _ in bridges if used == target}
        is_bridge = target != own if target in heads else len(users) > 1
        if is_bridge:
            names = " and ".join(sorted(place(head)[1] for head in heads))
            yield Finding(source, line, "island", f"this joins {names}: what they share belongs to model/")


def own_header(path: str, heads: set[str]) -> str:
    """The public header with the longest name that the file's own name begins with, or none."""
    stem = place(path)[1]
    fits = [head for head in heads if stem == place(head)[1] or stem.startswith(place(head)[1] + "_")]
    return max(fits, key=len, default="")


def circles(graph: dict[str, list[tuple[str, int]]]) -> Iterator[Finding]:
    """An include that leads back to the file that it stands in."""
    for start, includes in graph.items():
        for target, line in includes:
            seen, open_ends = set(), [target]
            while open_ends:
                here = open_ends.pop()
                if here not in seen:
                    seen.add(here)
                    open_ends.extend(name for name, _ in graph.get(here, []))
            if start in seen:
                yield Finding(start, line, "circle", f"{target} includes this file again")


def check_purity(root: Path) -> Iterator[Finding]:
    pure = [area for area, floor in FLOORS.items() if floor <= ENGINE]
    folders = [f"{top}/{area}" for area in pure for top in ("include/reaper", "src")]
    for path in cpp_files(root, *folders):
        source, text = relative(root, path), path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            name = match.group(2)
            if BEAST_PARSER.fullmatch(source) and name.startswith("boost/beast/http"):
                continue
            for pattern, why in BANNED_HEADERS:
                if pattern.match(name):
                    yield Finding(source, line_of(text, match.start(1)), "impure", f"<{name}>: {why}")
        code = code_only(text)
        for pattern, why in BANNED_WORDS:
            for match in pattern.finditer(code):
                yield Finding(source, line_of(code, match.start()), "impure", f"{match.group()}: {why}")


def check_shape(root: Path) -> Iterator[Finding]:
    for path in cpp_files(root, "src", "include", "tests", "bench"):
        source, text = relative(root, path), path.read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > LINES_MAX:
            yield Finding(source, 0, "length", f"{lines} lines, the wall is {LINES_MAX}: split by subject")
        if path.suffix == ".hpp" and not re.search(r"^#pragma once$", text, re.MULTILINE):
            yield Finding(source, 0, "pragma-once", "a header begins with #pragma once")
    for path in files_below(root):
        is_ours = path.suffix in {".cpp", ".hpp", ".cmake", ".py", ".sh", ".yaml"}
        if path == Path(__file__).resolve() or not (is_ours or path.parent.name == "scripts"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for match in LEFT_OPEN.finditer(text):
            yield Finding(
                relative(root, path), line_of(text, match.start()), "left-open",
                f"{match.group()}: do it, or open an issue",
            )  # fmt: skip


def check_named(root: Path) -> Iterator[Finding]:
    """A source that no CMake file names is never built, and a test in it never runs."""
    named: set[Path] = set()
    for path in files_below(root):
        if path.name != "CMakeLists.txt" and path.suffix != ".cmake":
            continue
        text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
        # sources.cmake is included by the CMakeLists.txt of the folder above.
        bases = [path.parent, path.parent.parent]
        for word in re.findall(r"[\w./${}-]+\.cpp", text):
            tail = re.sub(r"^\$\{\w+\}/", "", word)
            named.update((base / tail).resolve() for base in [*bases, root])
        for name in re.findall(r"reaper_test\(\s*\w+\s+(\w+)", text):
            named.add((path.parent / f"{name}.cpp").resolve())
    for path in cpp_files(root, "src", "tests", "bench"):
        if path.suffix == ".cpp" and path.resolve() not in named:
            yield Finding(relative(root, path), 0, "not-built", "no CMake file names this source")


def findings(root: Path) -> Iterator[Finding]:
    yield from check_includes(root)
    yield from check_purity(root)
    yield from check_shape(root)
    yield from check_named(root)


BAD_TREE = {
    "src/CMakeLists.txt": "add_library(x core/a.cpp core/a_more.cpp core/reply_parser.cpp core/c.cpp core/d.cpp sandbox/s.cpp\n"
    "  main.cpp # core/orphan.cpp is named in a comment only\n)\n",
    "tests/unit/CMakeLists.txt": "reaper_test(unit a LIBS x)\n",
    "include/reaper/base/text.hpp": "#pragma once\n",
    "include/reaper/model/job.hpp": '#pragma once\n#include "reaper/base/text.hpp"\n'
    '#include "reaper/core/a.hpp"  // BAD: floor\n',
    "include/reaper/model/one.hpp": '#pragma once\n#include "reaper/model/two.hpp"  // BAD: circle\n',
    "include/reaper/model/two.hpp": '#pragma once\n#include "reaper/model/one.hpp"  // BAD: circle\n',
    "include/reaper/core/a.hpp": "#pragma once\n",
    "include/reaper/core/b.hpp": "// BAD FILE: pragma-once\n",
    "include/reaper/io/file.hpp": "#pragma once\n#include <fstream>\n",
    "src/core/a.cpp": """#include "reaper/core/a.hpp"
#include "reaper/core/b.hpp"  // BAD: island
#include "reaper/core/none.hpp"  // BAD: unresolved
#include <boost/asio/io_context.hpp>  // BAD: impure
#include <boost/beast/http/parser.hpp>  // BAD: impure
#include <fstream>  // BAD: impure
#include <unistd.h>  // BAD: impure
#include <sys/stat.h>  // BAD: impure
#include <spdlog/spdlog.h>  // BAD: impure
#include <vector>
// std::cout in a comment is no fault, and neither is "std::cerr" or 10'000 in a literal.
auto text = "std::cout ::now( rand( ";
auto t = std::chrono::steady_clock::now();  // BAD: impure
void f() { std::cerr << 1; }  // BAD: impure
int r = rand();  // BAD: impure
auto e = std::getenv("HOME");  // BAD: impure
int operand(int strand) { return operand(strand); }
// TODO later  // BAD: left-open
""",
    "src/core/a_more.cpp": '#include "reaper/core/a.hpp"\n#include "core/parts_of_a.hpp"\n',
    "src/core/parts_of_a.hpp": "#pragma once\n",
    "src/core/reply_parser.cpp": "#include <boost/beast/http/basic_parser.hpp>\n"
    "#include <boost/beast/core/tcp_stream.hpp>  // BAD: impure\n",
    "include/reaper/core/c.hpp": "#pragma once\n",
    "include/reaper/core/d.hpp": "#pragma once\n",
    "src/core/c.cpp": '#include "reaper/core/c.hpp"\n#include "core/shared.hpp"  // BAD: island\n',
    "src/core/d.cpp": '#include "reaper/core/d.hpp"\n#include "core/shared.hpp"  // BAD: island\n',
    "src/core/shared.hpp": "#pragma once\n",
    "src/core/orphan.cpp": "// BAD FILE: not-built\n",
    "src/main.cpp": '#include "reaper/io/file.hpp"\n',
    "src/sandbox/s.cpp": '#include "reaper/base/text.hpp"\n#include "reaper/core/a.hpp"  // BAD: sandbox\n',
    "tests/unit/a.cpp": '#include "reaper/core/a.hpp"\n#include "reaper/io/file.hpp"  // BAD: unit-test\n'
    + "\n" * LINES_MAX
    + "// BAD FILE: length\n",
    "scripts/demo": "# FIXME  # BAD: left-open\n",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
