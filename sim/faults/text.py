"""How a fault's parts are written in one line of text, and read back: durations, counts, partitions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from producer.records import TopicPartition

UNITS_US = {"s": 1_000_000, "ms": 1_000, "us": 1}
"""The units of a duration, largest first."""

DURATION = r"\d+(?:\.\d+)?(?:us|ms|s)"
TOPIC = r"[\w.-]+"
NAME = r"(?!b\d+\b)[A-Za-z][\w.-]*"
"""An application, one of its lives, a reader or a raw client: anybody but a broker."""
PARTITION = r"[\w.-]+-\d+"
TIMES = r"x\d+"

BEGINNING_MIN = 3
"""From so many letters on the beginning of a word stands for it."""

_DURATION = re.compile(r"(\d+)(?:\.(\d+))?(us|ms|s)")
_PARTITION = re.compile(r"([\w.-]+)-(\d+)")


class FaultTextError(ValueError):
    """A line is not a fault, an anchor or a part of one: the message says what was given and what was expected."""


def duration_text(duration_us: int) -> str:
    """Write a duration in the largest unit that divides it: `2s`, `1500ms`, `250us`."""
    for unit, size_us in UNITS_US.items():
        if duration_us % size_us == 0:
            return f"{duration_us // size_us}{unit}"
    raise AssertionError(duration_us)  # one microsecond divides everything


def moment_text(us: int) -> str:
    """Write a time of the story as a report does elsewhere, where it is no whole number of milliseconds: `2.506652s`."""
    if us % UNITS_US["ms"] == 0 or us < UNITS_US["ms"]:
        return duration_text(us)
    seconds, rest = divmod(us, UNITS_US["s"])
    return f"{seconds}.{rest:06d}".rstrip("0") + "s"


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was meant: `; did you mean crash?`, also by its first letters, and nothing if none is near."""
    from difflib import get_close_matches

    names = tuple(known)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if not near and len(word) >= BEGINNING_MIN:
        near = [name for name in names if name.startswith(word)]
    return f"; did you mean {near[0]}?" if near else ""


def parse_duration(text: str) -> int:
    """Read `2s`, `1.5s`, `300ms`, `250us` into microseconds. Raises FaultTextError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise FaultTextError(f"{text!r} is not a duration: expected a number and a unit, such as 2s, 300ms or 250us")
    whole, fraction, unit = match.groups()
    digits = fraction or ""
    steps: int = 10 ** len(digits)
    duration_us, rest = divmod(int(whole + digits) * UNITS_US[unit], steps)
    if rest:
        raise FaultTextError(f"{text!r} is finer than a microsecond, the smallest step of time here")
    return duration_us


def microseconds(given: int | str) -> int:
    """Take a time as a scenario says it: a whole number of microseconds, or text such as `1.5s`. Raises FaultTextError."""
    if isinstance(given, str):
        return parse_duration(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise FaultTextError(
            f"{given!r} is not a time: expected a whole number of microseconds, or text such as '1.5s'"
        )
    return given


def read_durations(told: Any) -> None:
    """Turn text such as `1.5s` into microseconds, in each field of a dataclass that is named for them. Raises FaultTextError.

    A scenario may write either; what holds it knows whole numbers alone. For the begin of `__post_init__`.
    """
    for name in _durations_of(type(told)):
        given = getattr(told, name)
        if isinstance(given, str):
            try:
                object.__setattr__(told, name, microseconds(given))
            except FaultTextError as error:
                raise FaultTextError(f"{type(told).__name__}.{name}: {error}") from error


_DURATIONS: dict[type[Any], tuple[str, ...]] = {}


def _durations_of(kind: type[Any]) -> tuple[str, ...]:
    found = _DURATIONS.get(kind)
    if found is None:
        ends = ("_us", "_us_max")
        found = tuple([one.name for one in fields(kind) if one.name == "us" or one.name.endswith(ends)])
        _DURATIONS[kind] = found
    return found


def topic_partition(text: str) -> TopicPartition:
    """Read `orders-0`. Raises FaultTextError."""
    match = _PARTITION.fullmatch(text)
    if match is None:
        raise FaultTextError(f"{text!r} is not a partition: expected topic-number, such as orders-0")
    return TopicPartition(match[1], int(match[2]))
