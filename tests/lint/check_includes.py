#!/usr/bin/env python3
"""A file that uses a name of the standard library includes its header, itself or by way of our headers.

Joined sources (cmake/unity.cmake) get what those before them included, and so hide what one forgot. The
release build compiles by itself what it has, the tests of the tiers unit and shell are not in it.
"""

import re
from pathlib import Path
from typing import Iterator

from check_layers import INCLUDE, resolve
from common import Finding, code_only, cpp_files, exit_with, line_of, relative

# Names that belong to one header, and stand in no other that whoever uses them has anyway.
HEADER_OF = {
    name: header
    for header, names in {
        "algorithm": "all_of any_of none_of find_if sort stable_sort count_if transform min_element max_element "
        "lower_bound upper_bound replace shuffle",
        "array": "array",
        "atomic": "atomic atomic_bool",
        "charconv": "from_chars to_chars",
        "chrono": "chrono",
        "condition_variable": "condition_variable",
        "deque": "deque",
        "filesystem": "filesystem",
        "fstream": "ifstream ofstream fstream",
        "functional": "function",
        "future": "future promise async",
        "iostream": "cout cerr cin",
        "limits": "numeric_limits",
        "list": "list",
        "map": "map multimap",
        "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared",
        "mutex": "mutex lock_guard unique_lock scoped_lock",
        "numeric": "accumulate iota",
        "optional": "optional nullopt",
        "random": "mt19937 mt19937_64 random_device uniform_int_distribution",
        "regex": "regex regex_match regex_search regex_replace",
        "set": "set multiset",
        "span": "span",
        "sstream": "ostringstream istringstream stringstream",
        "string_view": "string_view",
        "thread": "thread jthread this_thread",
        "tuple": "tuple tie",
        "unordered_map": "unordered_map",
        "unordered_set": "unordered_set",
        "variant": "variant visit monostate",
        "vector": "vector",
    }.items()
    for name in names.split()
}
# Headers that promise to bring others.
BRINGS = {"string": {"string_view"}, "regex": {"string", "string_view"}}

STD = re.compile(r"\bstd::(?:ranges::)?(\w+)")


def reached(root: Path, path: Path, seen: dict[Path, set[str]]) -> set[str]:
    """The <headers> that a file includes, and that our headers in it include."""
    if path in seen:
        return seen[path]
    names = seen[path] = set()
    for quote, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        ours = resolve(root, path, name) if quote == '"' else None
        if ours is not None:
            names |= reached(root, root / ours, seen)
        else:
            names |= {name} | BRINGS.get(name, set())
    return names


def findings(root: Path) -> Iterator[Finding]:
    seen: dict[Path, set[str]] = {}
    for path in cpp_files(root, "src", "include", "tests"):
        has = reached(root, path, seen)
        code = code_only(path.read_text(encoding="utf-8"))
        told = set()
        for match in STD.finditer(code):
            header = HEADER_OF.get(match.group(1))
            if header is not None and header not in has and header not in told:
                told.add(header)
                yield Finding(
                    relative(root, path), line_of(code, match.start()), "include", f"{match.group()}: <{header}>"
                )


BAD_TREE = {
    "include/reaper/base/one.hpp": "#pragma once\n#include <vector>\nstd::vector<int> f();\n",
    "tests/unit/one.cpp": """#include "reaper/base/one.hpp"
#include <string>
std::vector<std::string_view> by_our_header;
std::map<int, int> forgotten;  // BAD: include
std::map<int, int> said_once;
// std::set in a comment is no use.
""",
    "src/base/two.cpp": "auto end = std::nullopt;  // BAD: include\n",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
