"""A .proto file as tokens; comments are no part of what it says."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from producer.schemas.schema import InvalidSchemaError, short


class Kind(Enum):
    """What a token is, before anybody knows what it is for."""

    NAME = "a name"
    INTEGER = "a number"
    FLOAT = "a number with a fraction"
    STRING = "a string"
    SYMBOL = "a symbol"
    END = "the end of the file"


class Token(NamedTuple):
    """One token, and where it begins."""

    kind: Kind
    text: str
    """As it stands in the file."""
    line: int
    column: int


_TOKEN = re.compile(
    r"""
      (?P<blank>[ \t\r\f\v]+ | //[^\n]* | \#[^\n]*)
    | (?P<line>\n)
    | (?P<comment>/\*.*?\*/)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<float>(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]? | [0-9]+[eE][+-]?[0-9]+[fF]? | [0-9]+[fF])
    | (?P<integer>0[xX][0-9a-fA-F]+ | [0-9]+)
    | (?P<string>"(?:[^"\\\n]|\\[^\n])*" | '(?:[^'\\\n]|\\[^\n])*')
    | (?P<symbol>[{}\[\]()<>;,=.:+-] | /(?!\*))
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "name": Kind.NAME,
    "float": Kind.FLOAT,
    "integer": Kind.INTEGER,
    "string": Kind.STRING,
    "symbol": Kind.SYMBOL,
}
_AFTER_A_NUMBER = re.compile(r"[A-Za-z0-9_.]")


def tokens(text: str) -> list[Token]:
    """Cut a file into tokens; the last one is END. Raises InvalidSchemaError, which names line and column."""
    found: list[Token] = []
    at, line, line_begins = 0, 1, 0
    if text.startswith("\ufeff"):
        at = line_begins = 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        column = at - line_begins + 1
        if match is None:
            what = {'"': "a string without an end", "'": "a string without an end", "/": "a comment without an end"}
            said = what.get(text[at], "no token of a .proto file")
            raise InvalidSchemaError(f"line {line}, column {column}: {said}: {short(text[at : at + 20])}")
        group = match.lastgroup
        at = match.end()
        if group == "line":
            line, line_begins = line + 1, at
        elif group == "comment":
            line += match[0].count("\n")
            if "\n" in match[0]:
                line_begins = match.start() + match[0].rindex("\n") + 1
        elif group is not None and group != "blank":
            if group in {"integer", "float"} and _AFTER_A_NUMBER.match(text, at):
                raise InvalidSchemaError(f"line {line}, column {column}: {short(match[0] + text[at])} is no number")
            found.append(Token(_KINDS[group], match[0], line, column))
    found.append(Token(Kind.END, "", line, len(text) - line_begins + 1))
    return found


_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|[xX](?P<hex>[0-9a-fA-F]{1,2})|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})"
    r"|(?P<plain>[abfnrtv?'\"\\]))",
)
_PLAIN = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "?": 63, "'": 39, '"': 34, "\\": 92}


def unquoted(token: Token) -> bytes:
    """Give the bytes that a string token stands for. Raises InvalidSchemaError for an escape that there is not."""
    body = token.text[1:-1]
    if "\\" not in body:
        return body.encode()
    found = bytearray()
    at = 0
    while at < len(body):
        if body[at] != "\\":
            found += body[at].encode()
            at += 1
            continue
        match = _ESCAPE.match(body, at)
        if match is None:
            raise InvalidSchemaError(
                f"line {token.line}, column {token.column}: no escape of a string: {body[at : at + 4]!r}"
            )
        found += _escaped(match, token)
        at = match.end()
    return bytes(found)


def _escaped(match: re.Match[str], token: Token) -> bytes:
    if match["octal"] is not None:
        return bytes([int(match["octal"], 8) & 0xFF])
    if match["hex"] is not None:
        return bytes([int(match["hex"], 16)])
    if match["plain"] is not None:
        return bytes([_PLAIN[match["plain"]]])
    number = int(match["short"] or match["long"], 16)
    try:
        return chr(number).encode()
    except (ValueError, UnicodeEncodeError, OverflowError) as error:
        raise InvalidSchemaError(f"line {token.line}, column {token.column}: {match[0]!r} is no character") from error
