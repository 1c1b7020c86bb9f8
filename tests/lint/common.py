"""What the checks of the sources share: finding files, reading C++ without its comments and strings,
and a main() with a self-test, so that a check that cannot fail is itself a failure.

A check is a function `findings(root)` that yields Finding values. Its self-test is a small tree of
known-bad files with the exact findings that they must give, beside lines that must give none.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple

CPP_SUFFIXES = {".cpp", ".hpp"}
SKIPPED_DIRS = {".git", ".cache", "__pycache__"}


class Finding(NamedTuple):
    path: str  # relative to the root, with forward slashes
    line: int  # from 1; 0 for the file as a whole
    rule: str
    text: str


def files_below(root: Path, *folders: str) -> Iterator[Path]:
    """All files below the folders (or the root), sorted, without what builds and git leave behind."""
    for folder in folders or (".",):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if SKIPPED_DIRS.intersection(parts) or parts[0].startswith("build"):
                continue
            if path.is_file() and not path.is_symlink():
                yield path


def cpp_files(root: Path, *folders: str) -> Iterator[Path]:
    return (path for path in files_below(root, *folders) if path.suffix in CPP_SUFFIXES)


def relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# Raw strings first: nothing inside them is a comment or a quote. A quote between two digits
# separates thousands (10'000).
_NOT_CODE = re.compile(
    r"""
      (?:u8|u|U|L)?R"(?P<tag>[^()\\\s]{0,16})\(.*?\)(?P=tag)"
    | //(?:\\\n|[^\n])*
    | /\*.*?\*/
    | "(?:\\.|[^"\\\n])*"
    | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'
    """,
    re.VERBOSE | re.DOTALL,
)


def code_only(text: str) -> str:
    """The text with comments and the insides of literals blanked out. Lines and columns stay."""

    def blank(match: re.Match[str]) -> str:
        literal = match.group()
        spaces = re.sub(r"[^\n]", " ", literal)
        if literal.startswith("/"):
            return spaces
        quote = literal[-1]
        return quote + spaces[1:-1] + quote

    return _NOT_CODE.sub(blank, text)


def _self_test(findings: Callable[[Path], Iterable[Finding]], tree: dict[str, str]) -> int:
    """Lines of the tree that end in `// BAD: rule` (or `# BAD: rule`) must be found, and no other."""
    with tempfile.TemporaryDirectory(prefix="reaper-lint.") as name:
        root = Path(name)
        expected = set()
        for path, text in tree.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            for number, line in enumerate(text.splitlines(), start=1):
                for rule in re.findall(r"(?://|#|<!--) BAD: ([a-z-]+)", line):
                    expected.add((path, number, rule))
                for rule in re.findall(r"(?://|#|<!--) BAD FILE: ([a-z-]+)", line):
                    expected.add((path, 0, rule))
        found = {(finding.path, finding.line, finding.rule) for finding in findings(root)}
    for path, line, rule in sorted(expected - found):
        print(f"self-test: {path}:{line}: {rule} was not found")
    for path, line, rule in sorted(found - expected):
        print(f"self-test: {path}:{line}: {rule} was found where nothing is wrong")
    if not expected:
        print("self-test: the sample has nothing bad in it")
    if found != expected or not expected:
        return 1
    print(f"self-test: all {len(expected)} planted faults were found, and nothing else")
    return 0


def main(findings: Callable[[Path], Iterable[Finding]], bad_tree: dict[str, str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--self-test", action="store_true", help="does the check find known faults?")
    arguments = parser.parse_args()
    if arguments.self_test:
        return _self_test(findings, bad_tree)
    count = 0
    for finding in findings(arguments.root.resolve()):
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
        count += 1
    if count:
        print(f"{count} finding(s)")
    return 1 if count else 0


def exit_with(findings: Callable[[Path], Iterable[Finding]], bad_tree: dict[str, str]) -> None:
    sys.exit(main(findings, bad_tree))
