#!/usr/bin/env python3
"""Two traps of g++ 12 and Boost 1.81 that compile, pass most tests, and corrupt memory or hang.

- g++ 12 destroys some temporaries twice inside a full expression with a `co_await`: aggregates built
  in place and capturing lambdas. So nothing is built there: name it first, then std::move it.
- `a || b` of awaitable_operators waits for the first *success*: an operand that throws goes unnoticed
  until the other one ends. So its operands return their error: as_tuple(use_awaitable).
"""

import re
from pathlib import Path
from typing import Iterator

from common import Finding, code_only, cpp_files, exit_with, line_of, relative

CO_AWAIT = re.compile(r"\bco_await\b")
# A bracket that follows a name, a call or another subscript is a subscript; any other is a capture.
CAPTURE = re.compile(r"(?<![\w)\]])\s*\[(?!\[)[^\]]*\]\s*[({<]")
CLOSING = {"(": ")", "[": "]", "{": "}"}


def expression_after(code: str, start: int) -> tuple[int, bool]:
    """Where the full expression that begins at `start` ends, and whether a brace opens in it."""
    depth: list[str] = []
    braced = False
    for offset in range(start, len(code)):
        letter = code[offset]
        if letter in CLOSING:
            braced = braced or letter == "{"
            depth.append(CLOSING[letter])
        elif letter in CLOSING.values():
            if not depth:
                return offset, braced
            depth.pop()
        elif letter == ";" and not depth:
            return offset, braced
    return len(code), braced


def built_before(code: str, start: int) -> bool:
    """True if the same expression built something in braces to the left of the co_await."""
    left = re.search(r"[;{}](?=[^;{}]*$)", code[:start])
    if left is None or left.group() != "}":
        return False
    return code[left.end() : start].lstrip().startswith((",", ".", ")"))


def operands(expression: str) -> list[str]:
    """The operands of `||` at the outermost level, or inside one pair of parentheses around all."""
    inner = expression.strip()
    if inner.startswith("("):
        end, _ = expression_after(inner, 1)
        inner = inner[1:end]
    parts, depth, begin = [], 0, 0
    for offset, letter in enumerate(inner):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and inner.startswith("||", offset):
            parts.append(inner[begin:offset])
            begin = offset + 2
    return [*parts, inner[begin:]] if parts else []


def findings(root: Path) -> Iterator[Finding]:
    for path in cpp_files(root, "src", "include", "tests", "bench"):
        source, code = relative(root, path), code_only(path.read_text(encoding="utf-8"))
        for match in CO_AWAIT.finditer(code):
            line = line_of(code, match.start())
            end, braced = expression_after(code, match.end())
            expression = code[match.end() : end]
            if braced or built_before(code, match.start()):
                yield Finding(source, line, "built-in-co-await", "a brace in a co_await: name it first")
            elif CAPTURE.search(expression):
                yield Finding(source, line, "built-in-co-await", "a lambda in a co_await: name it first")
            for operand in operands(expression):
                if "use_awaitable" in operand and "as_tuple" not in operand:
                    yield Finding(source, line, "throwing-operand", "an operand of || must not throw")


BAD_TREE = {
    "src/io/x.cpp": """asio::awaitable<void> f()
{
    co_await g(a, b[i], h(c));
    auto [ec, n] = co_await stream.async_read(buffer(data_[0]), as_tuple(use_awaitable));
    co_await g(request{.id = 1});  // BAD: built-in-co-await
    co_await g({1, 2});  // BAD: built-in-co-await
    co_await g([p] { return p; });  // BAD: built-in-co-await
    co_await g(  // BAD: built-in-co-await
        [p] { return p; }
    );
    co_await co_spawn(executor, [p]() -> asio::awaitable<void> { co_return; }, use_awaitable);  // BAD: built-in-co-await
    f(agg{1}, co_await g());  // BAD: built-in-co-await
    if (x) {
        co_await g();
    }
    if (const error_code ec = co_await g(); ec) {
        co_return;
    }
    while (co_await g()) {
        x = {1};
    }
    // co_await g({1}) in a comment is harmless
    co_await (g() || h());
    co_await (timer.async_wait(as_tuple(use_awaitable)) || g());
    co_await (timer.async_wait(use_awaitable) || g());  // BAD: throwing-operand
    co_await (g(a || b) && h());
    co_spawn(executor, [p]() -> asio::awaitable<void> { co_await g(); }, detached);
}
""",
}

if __name__ == "__main__":
    exit_with(findings, BAD_TREE)
