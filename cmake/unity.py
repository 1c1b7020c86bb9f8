#!/usr/bin/env python3
"""Joins sources, so that what their headers cost is paid once for a group and not once for a file.

    unity.py --out FOLDER [--program] [--alone FILE...] -- SOURCE...
    unity.py --self-test

Writes FOLDER/1.cpp, 2.cpp, ... that include the sources, and prints what to compile instead of them.

Joined sources must mean what they mean by themselves. So two are never in one group where one of them
mentions a name that the other declares for itself: an equal helper in an anonymous namespace is no
clash, and no file can come to call another's. Sources that the build must find as they are, because an
object of their own is replaced when linking, are named with --alone. With --program the sources become
one program, and two types of one name in them, which no compiler sees, are refused.

Paths in the groups are relative: a clone elsewhere builds from the same cache.
"""

import argparse
import itertools
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Iterator, NamedTuple

sys.dont_write_bytecode = True
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/lint"))
from common import code_only  # noqa: E402

# More of them save little and keep one core busy while the other has nothing left to do.
FILES_MAX = 12
LINES_MAX = 1600

WORD = re.compile(r"(?<![.\w])(?<!->)(?<!::)[A-Za-z_]\w*")
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
DEFINED = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
FIXTURE = re.compile(r"^(?:TEST_F|TEST_P|TYPED_TEST)\s*(\(\s*\w+)")
TYPE = re.compile(r"^(?:typedef |inline )?(?:class|struct|union|enum)\b(?: class| struct)?\s*([A-Za-z_](?:[\w:]*\w)?)")
ALIAS = re.compile(r"^(?:using|namespace)\s+([A-Za-z_]\w*)\s*=")
USING = re.compile(r"^using\s+(?!namespace\b)[\w:]*::(\w+)$")
FUNCTION = re.compile(r"(?<![\w:])([A-Za-z_]\w*)\s*\(")
VARIABLE = re.compile(r"(?<![\w:])([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:=|$)")
NAMESPACE = re.compile(r'^(?:inline )?namespace\b[^=]*$|^extern ""$')


# The compiler allows it in the main file only, and takes what that includes for headers.
ABOUT_OWN_TYPES = '#pragma GCC diagnostic ignored "-Wsubobject-linkage"\n'


class Source(NamedTuple):
    path: Path
    lines: int
    declares: frozenset[str]  # at the level of namespaces, not as a member of another's class
    mentions: frozenset[str]
    types: frozenset[str]  # those outside of anonymous namespaces
    types_rest_on_own: bool  # one of them has a member of a type that only this file knows

    def bears(self, other: "Source") -> bool:
        return not (self.declares & other.mentions or other.declares & self.mentions)


def without_template(statement: str) -> str:
    """The statement behind its attributes and `template <...>`."""
    statement = re.sub(r"\[\[[^\]]*\]\]", "", statement).strip()
    while match := re.match(r"template\s*<", statement):
        depth, at = 1, match.end()
        while depth and at < len(statement):
            depth += {"<": 1, ">": -1}.get(statement[at], 0)
            at += 1
        statement = statement[at:].strip()
    return statement


def name_of(statement: str) -> str | None:
    statement = re.sub(r"\s+", " ", without_template(statement))
    if not statement or statement.startswith(("static_assert", "using namespace")):
        return None
    for pattern in (ALIAS, USING, TYPE):
        if match := pattern.search(statement):
            return None if "::" in match.group(1) else match.group(1)
    before_value = statement.split("=", 1)[0]
    if match := FUNCTION.search(before_value):
        # TEST(Suite, Name) declares what no other file may declare anyway.
        return None if match.group(1).isupper() else match.group(1)
    if "(" not in before_value and (match := VARIABLE.search(statement)):
        return match.group(1)
    return None


def statements(code: str) -> Iterator[tuple[str, str, bool]]:
    """What is declared at the level of namespaces: what stands before a body or the end, the body, and
    whether other files can see it."""
    begin = at = 0
    anonymous: list[bool] = []
    while at < len(code):
        if code[at] == "{":
            head = code[begin:at].strip()
            if NAMESPACE.match(re.sub(r"\s+", " ", head)):
                anonymous.append(head == "namespace")
                begin = at = at + 1
                continue
            depth, body = 1, at + 1
            at += 1
            while depth and at < len(code):
                depth += {"{": 1, "}": -1}.get(code[at], 0)
                at += 1
            yield head, code[body : at - 1], not any(anonymous)
            begin = at
            continue
        if code[at] == ";":
            yield code[begin:at].strip(), "", not any(anonymous)
        if code[at] == "}" and anonymous:
            anonymous.pop()
        if code[at] in ";}":
            begin = at + 1
        at += 1


def read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    visible = code_only(text)
    code = DIRECTIVE.sub("", visible)
    declares = set(DEFINED.findall(visible))
    types = set()
    bodies = []
    for head, body, is_shared in statements(code):
        if name := name_of(head):
            declares.add(name)
        if is_shared and (match := FIXTURE.match(head)):
            bodies.append(match.group(1))
        if body and is_shared and TYPE.match(re.sub(r"\s+", " ", without_template(head))):
            bodies.append(body)
            if name:
                types.add(name)
        if re.match(r"enum\b(?! class)", head):
            declares.update(WORD.findall(re.sub(r"=[^,]*", "", body)))
    rests = any(declares.intersection(WORD.findall(body)) for body in bodies)
    # A directive's words count as mentioned, so that a macro meets no name of the same spelling.
    mentions = set(WORD.findall(code)) | set(DEFINED.findall(visible))
    return Source(path, text.count("\n"), *map(frozenset, (declares, mentions, types)), rests)


def grouped(sources: list[Source]) -> list[list[Source]]:
    """Each source in the first group that bears it, in the order of the build's list."""
    groups: list[list[Source]] = []
    for source in sources:
        for group in groups:
            lines = source.lines + sum(each.lines for each in group)
            if len(group) < FILES_MAX and lines <= LINES_MAX and all(map(source.bears, group)):
                group.append(source)
                break
        else:
            groups.append([source])
    return groups


def write(path: Path, text: str) -> None:
    """Only if it changes: what has not changed is not compiled again."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


SAMPLE = {
    "helper": "namespace a { namespace { int f(int x = 3) { return x; } } int user() { return f(); } }",
    "same_helper": "namespace a { namespace { bool f(char x); } }",
    "calls_f": "#include \"f.hpp\"\nint g() { return f(1); }",
    "member_f": "int h(thing& x) { return x.f() + other::f(); }  // f is nothing here",
    "type": "namespace a { template <class T> struct [[nodiscard]] held : b { T t; }; }",
    "same_type": "namespace a { namespace { class held final {}; } }",
    "same_type_shared": "class held { int x; };",
    "method": "namespace a { struct held::part { int i; }; int held::f() { return 1; } }",
    "values": "namespace { enum colour { red, green = 3 }; constexpr int size_max{4}; using u = int; }",
    "red": "int k() { return red; }",
    "macro": "#define SIZE 3\nint l() { return 1; }",
    "macro_user": "int m() { return SIZE; }",
    "test": "TEST_F(some, f) { int n = 1; }",
}
CLASH = {
    ("helper", "same_helper"), ("helper", "calls_f"), ("helper", "test"), ("same_helper", "calls_f"),
    ("same_helper", "test"), ("type", "same_type"), ("type", "same_type_shared"), ("type", "method"),
    ("same_type", "same_type_shared"), ("same_type", "method"), ("same_type_shared", "method"),
    ("values", "red"), ("macro", "macro_user"),
}  # fmt: skip


def self_test() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in SAMPLE.items():
            (folder / file).write_text(text, encoding="utf-8")
        sources = {file: read(folder / file) for file in SAMPLE}
    for one, other in itertools.combinations(SAMPLE, 2):
        if sources[one].bears(sources[other]) != ((one, other) not in CLASH):
            sys.exit(f"self-test: {one} and {other} are taken wrongly: {sources[one]} {sources[other]}")
    if {file for file in SAMPLE if sources[file].types} != {"type", "same_type_shared"}:
        sys.exit("self-test: the types that other files see are others")
    print(f"self-test: all {len(CLASH)} planted clashes were found, and nothing else")


def main() -> None:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--program", action="store_true")
    parser.add_argument("--alone", type=Path, nargs="*", default=[])
    parser.add_argument("sources", type=Path, nargs="+")
    arguments = parser.parse_intermixed_args()
    sources = [read(path) for path in arguments.sources]
    if arguments.program:
        for source, other in itertools.combinations(sources, 2):
            for name in source.types & other.types:
                sys.exit(f"{source.path} and {other.path} both have a type {name}: which one is in the program?")
    joined = [source for source in sources if source.path not in arguments.alone]
    compiled = [path for path in arguments.sources if path in arguments.alone]
    for number, group in enumerate(grouped(joined), start=1):
        if len(group) == 1:
            compiled.append(group[0].path)
            continue
        unity = arguments.out / f"{number}.cpp"
        lines = [ABOUT_OWN_TYPES] if any(each.types_rest_on_own for each in group) else []
        lines += [f'#include "{os.path.relpath(each.path, arguments.out)}"\n' for each in group]
        write(unity, "".join(lines))
        compiled.append(unity)
    print(";".join(path.as_posix() for path in compiled), end="")


if __name__ == "__main__":
    main()
