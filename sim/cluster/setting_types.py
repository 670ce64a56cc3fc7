"""The types that settings have, and how the text of a value is read (Kafka's ConfigDef: Type, Range, ValidString, ValidList)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from enum import IntEnum

INT_MAX = (1 << 31) - 1
LONG_MAX = (1 << 63) - 1

Value = int | float | bool | str | tuple[str, ...]
"""A list is a tuple of its words."""
Parse = Callable[[str], Value]
"""Read a value; raises ValueError saying what it must be."""


class SettingType(IntEnum):
    """By the numbers under which DescribeConfigs tells them."""

    BOOLEAN = 1
    STRING = 2
    INT = 3
    SHORT = 4
    LONG = 5
    DOUBLE = 6
    LIST = 7
    CLASS = 8
    PASSWORD = 9


def whole(lowest: int, highest: int = INT_MAX) -> Callable[[str], int]:
    """Read a whole number within bounds, both included."""

    def parse(text: str) -> int:
        value = int(text) if re.fullmatch(r"[+-]?[0-9]+", text.strip()) else lowest - 1
        if not lowest <= value <= highest:
            msg = f"must be a whole number from {lowest} to {highest}"
            raise ValueError(msg)
        return value

    return parse


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    value = float(text) if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", text) else math.nan
    if not 0 <= value <= 1:
        msg = "must be a number from 0 to 1"
        raise ValueError(msg)
    return value


def flag(text: str) -> bool:
    """Read true or false, in any case."""
    if text.strip().lower() not in {"true", "false"}:
        msg = "must be either true or false"
        raise ValueError(msg)
    return text.strip().lower() == "true"


def one_of(*words: str) -> Callable[[str], str]:
    """Read one of these words."""

    def parse(text: str) -> str:
        if text.strip() not in words:
            msg = f"must be one of {', '.join(words)}"
            raise ValueError(msg)
        return text.strip()

    return parse


def some_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    """Read a list of these words, with commas between them; none at all may be meant, too."""

    def parse(text: str) -> tuple[str, ...]:
        given = _words(text)
        if not all(word in words for word in given):
            msg = f"must be some of {', '.join(words)}"
            raise ValueError(msg)
        return given

    return parse


def gzip_level(text: str) -> int:
    """Read a level of gzip, -1 for its default (GzipCompression's validator)."""
    value = whole(-1, 9)(text)
    if value == 0:
        msg = "must be from 1 to 9, or -1"
        raise ValueError(msg)
    return value


def throttled_replicas(text: str) -> tuple[str, ...]:
    """Read `*` for all of them, or a list of partition:broker (ThrottledReplicaListValidator)."""
    given = _words(text)
    if given != ("*",) and not all(re.fullmatch(r"\d+:\d+", word) for word in given):
        msg = "must be * or a list of partition:broker"
        raise ValueError(msg)
    return given


def text_of_value(value: Value) -> str:
    """Write a value as Kafka does."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_of_type(kind: SettingType) -> Parse:
    """Give the reader of a type, for settings of which no bounds are known."""
    return _OF_TYPE.get(kind, str)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",")) if text.strip() else ()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        msg = "must be a number"
        raise ValueError(msg) from error


_OF_TYPE: dict[SettingType, Parse] = {
    SettingType.BOOLEAN: flag,
    SettingType.INT: whole(-INT_MAX - 1),
    SettingType.SHORT: whole(-(1 << 15), (1 << 15) - 1),
    SettingType.LONG: whole(-LONG_MAX - 1, LONG_MAX),
    SettingType.DOUBLE: _number,
    SettingType.LIST: _words,
}
