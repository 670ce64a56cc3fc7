"""Java's properties files (`java.util.Properties.load`): one property a line, each with the number of that line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from producer.errors import ConfigError

_SEPARATOR = re.compile(r"(?:[^\\=:\s]|\\.)*")
"""Up to the first `=`, `:` or blank that no backslash takes away."""
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_BLANKS = " \t\f"
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


class Line(NamedTuple):
    """One property as a file gives it."""

    number: int
    """Of the line where it begins; the first is 1."""
    name: str
    value: str


def lines_of(text: str) -> Iterator[Line]:
    """Read a file's text. Raises ConfigError naming the line that gives a value to no name."""
    for number, logical in _logical_lines(text):
        found = _SEPARATOR.match(logical)
        name = found.group() if found else ""
        if not name:
            raise ConfigError(f"line {number}: a value without a name")
        rest = logical[len(name) :].lstrip(_BLANKS)
        value = rest[1:].lstrip(_BLANKS) if rest[:1] in {"=", ":"} else rest
        yield Line(number, _unescaped(name, number), _unescaped(value, number))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Join what backslashes at the ends of lines keep together; comments and empty lines are left out."""
    joined, begins = "", 0
    for number, line in enumerate([*re.split(r"\r\n|\r|\n", text), ""], start=1):
        stripped = line.lstrip(_BLANKS)
        if not begins:
            if not stripped or stripped[0] in "#!":
                continue
            begins = number
        joined += stripped
        if (len(joined) - len(joined.rstrip("\\"))) % 2:
            joined = joined[:-1]
            continue
        yield begins, joined
        joined, begins = "", 0
    if begins:
        yield begins, joined


def _unescaped(text: str, number: int) -> str:
    def meant(found: re.Match[str]) -> str:
        word = found.group(1)
        if word == "u":
            raise ConfigError(f"line {number}: \\u must have four hexadecimal digits behind it")
        return chr(int(word[1:], 16)) if len(word) > 1 else _LETTERS.get(word, word)

    return _ESCAPE.sub(meant, text)
