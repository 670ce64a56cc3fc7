"""What may be written for a fault: its pattern as a person reads one, and the verb of a scenario that gives it.

Both are read off the declarations themselves, so that there is no second list: `crash BROKER[, unflushed lost|wiped|kept]`
is the regular expression by which that line is read.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from typing import Any, NamedTuple

from sim.faults import FAULT_TYPES, words
from sim.faults.words import When

_LITERAL = "literal"
_OPEN = "open"


class _Part(NamedTuple):
    """A stretch of a pattern: its text, and whether it stands for itself or for something else."""

    text: str
    kind: str


def grammar(fault_type: type[Any]) -> str:
    """Give a fault's line: capitals stand for something, `[…]` may be left out, `a|b` is one of them."""
    reader = _Reader(fault_type.PATTERN.pattern)
    text = "".join(part.text for part in reader.sequence())
    assert reader.is_at_end, f"{fault_type.__name__}: {fault_type.PATTERN.pattern}"
    return text


class _Reader:
    """Reads the regular expressions of faults, which use few of all the words that there are."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._pattern)

    def _sees(self, text: str) -> bool:
        if self._pattern.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def sequence(self) -> list[_Part]:
        """Read up to the end, or to what ends a group or one of its alternatives."""
        parts: list[_Part] = []
        while not self.is_at_end and self._pattern[self._at] not in ")|":
            part = self._one()
            if part is None:
                continue
            is_optional = self._repeated(part)
            parts.append(_Part(f"[{_bare(part.text)}]", _OPEN) if is_optional else part)
        return parts

    def _repeated(self, part: _Part) -> bool:
        """Read how often a part may come. Gives whether it may be missing."""
        if self._sees("?"):
            return True
        if self._sees("{"):
            self._at = self._pattern.index("}", self._at) + 1
        elif self._sees("*") or self._sees("+"):
            assert part.kind == _OPEN, "no fault repeats a word"
        return False

    def _one(self) -> _Part | None:
        if self._sees("(?!"):
            self._alternatives()
            return None
        if self._sees("(?P<"):
            end = self._pattern.index(">", self._at)
            name = self._pattern[self._at : end]
            self._at = end + 1
            return _named(name, self._alternatives())
        if self._sees("(?:"):
            return _choice(self._alternatives())
        if self._sees("["):
            self._at = self._pattern.index("]", self._at + 1) + 1
            return _Part("…", _OPEN)
        if self._sees("\\"):
            self._at += 1
            escaped = self._pattern[self._at - 1]
            return _Part("…", _OPEN) if escaped.isalpha() else _Part(escaped, _LITERAL)
        self._at += 1
        return _Part(self._pattern[self._at - 1], _LITERAL)

    def _alternatives(self) -> list[list[_Part]]:
        """Read a group's inside, and its end."""
        found = [self.sequence()]
        while self._sees("|"):
            found.append(self.sequence())
        assert self._sees(")"), self._pattern[self._at :]
        return found


def _text(parts: list[_Part]) -> str:
    return "".join(part.text for part in parts)


def _named(name: str, alternatives: list[list[_Part]]) -> _Part:
    """Write the words that may stand there, or the group's name for what no list of words is."""
    words_there = [_text(parts) for parts in alternatives if all(part.kind == _LITERAL for part in parts)]
    if len(words_there) == len(alternatives):
        return _Part("|".join(words_there) if len(words_there) == 1 else f"({'|'.join(words_there)})", _OPEN)
    return _Part(
        "|".join([name.upper(), *words_there]) if not words_there else f"({'|'.join([name.upper(), *words_there])})",
        _OPEN,
    )


def _choice(alternatives: list[list[_Part]]) -> _Part:
    if len(alternatives) == 1:
        parts = alternatives[0]
        kind = _LITERAL if all(part.kind == _LITERAL for part in parts) else _OPEN
        return _Part(_text(parts), kind)
    return _Part(f"({'|'.join(map(_text, alternatives))})", _OPEN)


def _bare(text: str) -> str:
    """Take the parentheses off one choice: brackets hold it already."""
    is_one = text.startswith("(") and text.endswith(")") and ")" not in text[1:-1]
    return text[1:-1] if is_one else text


# -- the verbs of a scenario -------------------------------------------------------------------------------------------


class Verb(NamedTuple):
    """A method of `at(…)` and `after(…)`."""

    name: str
    parameters: str
    """As they are declared, without `self`."""
    says: str
    """Its docstring's first line; empty where the fault's own says it all."""
    faults: tuple[str, ...]
    """Names of the classes that it gives one of."""

    def __str__(self) -> str:
        return f".{self.name}({self.parameters})"


@cache
def verbs() -> tuple[Verb, ...]:
    """Give each verb that makes a fault, in the order of their declaration."""
    known = {fault_type.__name__ for fault_type in FAULT_TYPES}
    tree = ast.parse(inspect.getsource(words))
    (when,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == When.__name__]
    found = []
    for node in when.body:
        if isinstance(node, ast.FunctionDef):
            made = [
                call.func.id
                for call in ast.walk(node)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
            ]
            faults = tuple(name for name in dict.fromkeys(made) if name in known)
            if faults:
                says = (ast.get_docstring(node) or "").partition("\n")[0]
                found.append(Verb(node.name, _parameters(node), says, faults))
    return tuple(found)


def _parameters(node: ast.FunctionDef) -> str:
    text = ast.unparse(node.args)
    return text.removeprefix("self").removeprefix(", ")


def verbs_of(fault_type: type[Any]) -> tuple[Verb, ...]:
    """Give the verbs of a scenario that make such a fault."""
    return tuple(one for one in verbs() if fault_type.__name__ in one.faults)
