"""The chain of an audit: each line is canonical JSON with its number, the hash of the line before it, and its own.

A hash is SHA-256 over the canonical JSON of everything else in the line: keys in order, no blanks, ASCII. Whoever changes, removes,
inserts or swaps lines breaks it. Who can write the whole file anew from some line on leaves no break: that takes a head that was
kept elsewhere (`Head`), with which the file is compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

Fields = Mapping[str, str | int | None]
"""What a line says: texts, whole numbers and nothing."""

GENESIS = "0" * 64
"""What the first line has for the hash of the line before it."""
_HASH, _NUMBER, _PREVIOUS = "hash", "number", "previous"


class Head(NamedTuple):
    """The last line of a chain, by which the next is added and a cut at the end is found."""

    number: int
    """-1 where there is no line yet."""
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read `NUMBER:HASH`. Raises ValueError."""
        number, colon, digest = text.partition(":")
        if (
            not colon
            or not number.isascii()
            or not number.isdigit()
            or len(digest) != len(GENESIS)
            or set(digest) - set("0123456789abcdef")
        ):
            raise ValueError(f"{text!r} is no head: expected NUMBER:HASH, 64 hexadecimal digits behind the colon")
        return cls(int(number), digest)


BEGIN = Head(-1, GENESIS)
"""Before the first line."""


class Sealed(NamedTuple):
    """One line of a chain."""

    fields: dict[str, Any]
    """What it says, without the chain's own fields."""
    number: int
    previous: str
    hash: str

    @property
    def head(self) -> Head:
        """The chain that ends with it."""
        return Head(self.number, self.hash)


def canonical(fields: Fields) -> bytes:
    """Write an object in the one way in which it is hashed."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def seal(fields: Fields, behind: Head) -> tuple[bytes, Head]:
    """Make the next line of a chain, with its end of line. Raises ValueError for a field that is the chain's own."""
    if taken := {_HASH, _NUMBER, _PREVIOUS} & fields.keys():
        raise ValueError(f"{min(taken)!r} is a field of the chain")
    body = {**fields, _NUMBER: behind.number + 1, _PREVIOUS: behind.hash}
    digest = sha256(canonical(body)).hexdigest()
    return canonical({**body, _HASH: digest}) + b"\n", Head(behind.number + 1, digest)


def unsealed(line: bytes) -> Sealed | None:
    """Read a line (without its end); None for one that is not what it says of itself, or not written as lines are."""
    try:
        read = json.loads(line)
        digest, number, previous = read[_HASH], read[_NUMBER], read[_PREVIOUS]
        if canonical(read) != line or type(number) is not int or not isinstance(previous, str):
            return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    body = {name: value for name, value in read.items() if name != _HASH}
    if sha256(canonical(body)).hexdigest() != digest:
        return None
    return Sealed(
        {name: value for name, value in body.items() if name not in {_NUMBER, _PREVIOUS}}, number, previous, digest
    )
