"""When faults strike: at a time of the story, or at a point in the protocol; as values, and as one line of text each.

A point in the protocol is the nth event of the trace that matches; deleting one entry of a schedule therefore does not
shift the others, and the same schedule means the same under another configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from sim.faults import Coordinator, Fault, FaultTextError, Followers, Leader, TransactionCoordinator, parse_fault
from sim.faults.copied import Told, check_is_no_event, in_one_line, told, up_to_reason, without_label
from sim.faults.targets import parse_target
from sim.faults.text import (
    DURATION,
    duration_text,
    moment_text,
    nearest,
    parse_duration,
    read_durations,
)
from sim.trace.trace import EVENT_TYPES

IF_POSSIBLE = " if possible"
"""Ends the line of a fault that may be refused."""

Wanted = int | str | Leader | Followers | Coordinator | TransactionCoordinator
"""What an event's field must be: a value (text stands for bytes, too), or whoever has the role at that moment."""


@dataclass(frozen=True, slots=True)
class At:
    """A time of the story."""

    us: int
    """Microseconds after the story's begin."""

    def __post_init__(self) -> None:
        read_durations(self)
        if self.us < 0:
            raise FaultTextError(f"at {self.us} us: a story begins at 0")

    def __str__(self) -> str:
        return f"at {moment_text(self.us)}"


@dataclass(frozen=True, slots=True)
class After:
    """A point in the protocol: the nth event of that type, counted from the story's begin, whose fields match."""

    event: str
    """Name of an event type, such as `BatchAppended`."""
    nth: int = 1
    where: tuple[tuple[str, Wanted], ...] = ()
    """(field, wanted) pairs, in the order of writing."""
    delay_us: int = 0
    """How long after the event; 0 strikes before anything else that happens at that time."""

    def __post_init__(self) -> None:
        read_durations(self)
        event_type = EVENT_TYPES.get(self.event)
        if event_type is None:
            near = nearest(self.event, EVENT_TYPES)
            raise FaultTextError(f"{self.event!r} is not an event of the trace{near}")
        for name, _ in self.where:
            if name not in event_type._fields:
                fields = ", ".join(event_type._fields)
                raise FaultTextError(f"{self.event} has no field {name!r}: it has {fields}")
        if self.nth < 1:
            raise FaultTextError(f"{self.event}#{self.nth}: events are counted from 1")
        if self.delay_us < 0:
            raise FaultTextError(f"after {self.event} by {self.delay_us} us: must not be negative")

    def __str__(self) -> str:
        parts = [f"after {self.event}#{self.nth}", *(f"{name}={_wanted_text(wanted)}" for name, wanted in self.where)]
        if self.delay_us:
            parts.append(f"+{duration_text(self.delay_us)}")
        return " ".join(parts)


Anchor = At | After


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule: `at 2s: crash b1`, or `at 2s: crash b1 if possible`."""

    when: Anchor
    fault: Fault
    may_be_refused: bool = False
    """Whether the run is still the one that was meant if the fault has no effect when its moment comes."""

    def if_possible(self) -> Entry:
        """The same, but it may be refused."""
        return replace(self, may_be_refused=True)

    def __str__(self) -> str:
        return f"{self.when}: {self.fault}{IF_POSSIBLE if self.may_be_refused else ''}"


Schedule = tuple[Entry, ...]


# -- text --------------------------------------------------------------------------------------------------------------

_AT = re.compile(rf"at (?P<time>{DURATION}|0)")
_AFTER = re.compile(r"after (?P<event>\w+)(?:#(?P<nth>\d+))?(?P<rest>.*)")
_ANCHORED = re.compile(r"(?:at|after) .*: ")
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*|(?:leader|followers|coordinator)\([\w.-]+\)")
_INTEGER = re.compile(r"-?\d+")
_PART = re.compile(rf' (?:(?P<name>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]+)|\+(?P<delay>{DURATION}))')
_EXPECTED = "expected it as in 'at 2s: crash b1' or 'after BatchAppended#3 broker=1 +5ms: pause b1'"


def _wanted_text(wanted: Wanted) -> str:
    if isinstance(wanted, str):
        is_plain = _PLAIN.fullmatch(wanted) and "(" not in wanted and not re.fullmatch(r"b\d+", wanted)
        return wanted if is_plain else json.dumps(wanted)
    return str(wanted)


def _parse_wanted(text: str) -> Wanted:
    if text.startswith('"'):
        unquoted: str = json.loads(text)
        return unquoted
    if _INTEGER.fullmatch(text):
        return int(text)
    if re.fullmatch(r"b\d+", text) or "(" in text:
        target = parse_target(text)
        assert not isinstance(target, tuple)
        return target
    return text


def parse_anchor(text: str) -> Anchor:
    """Read the line that `str(anchor)` writes. Raises FaultTextError saying what was expected."""
    match = _AT.fullmatch(text)
    if match is not None:
        return At(0 if match["time"] == "0" else parse_duration(match["time"]))
    match = _AFTER.fullmatch(text)
    if match is None:
        raise FaultTextError(f"{text!r} is not a point in time: {_EXPECTED}")
    rest, where, delay_us = match["rest"], [], 0
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise FaultTextError(f"{rest.strip()!r} in {text!r} is not understood: {_EXPECTED}")
        if part["delay"] is not None:
            delay_us += parse_duration(part["delay"])
        else:
            where.append((part["name"], _parse_wanted(part["value"])))
        rest = rest[part.end() :]
    return After(match["event"], int(match["nth"] or 1), tuple(where), delay_us)


def parse_entry(text: str) -> Entry:
    """Read the line that `str(entry)` writes, or one copied from a report, a screen or a search.

    Raises FaultTextError saying what was expected, or that the line tells an event and not a fault.
    """
    line, has_reason = without_label(in_one_line(text))
    if line.endswith("…"):
        raise FaultTextError(f"{line!r} is cut short, as it is on a narrow screen: {_EXPECTED}")
    return _first_that_reads(_parse_line, up_to_reason(line)) if has_reason else _parse_line(line)


def has_time(text: str) -> bool:
    """Whether a line says itself when its fault strikes."""
    line, _ = without_label(in_one_line(text))
    return told(line) is not None or _ANCHORED.match(line) is not None


def _parse_line(line: str) -> Entry:
    one = told(line)
    if one is not None:
        return _parse_told(line, one)
    # A quoted value of the anchor may hold ": " itself; no fault's text does.
    when, colon, fault = line.rpartition(": ")
    if not colon:
        raise FaultTextError(f"{line!r} is not a fault with its time: {_EXPECTED}")
    return _entry(parse_anchor(when.strip()), fault)


def _parse_told(line: str, one: Told) -> Entry:
    if one.time.startswith("-"):
        check_is_no_event(line, one)
        raise FaultTextError(f"{line!r} is before the story's begin: {_EXPECTED}")
    when = parse_anchor(f"at {one.time}")
    if one.has_reason:
        return _first_that_reads(lambda fault: _entry(when, fault), up_to_reason(one.what))
    try:
        return _entry(when, one.what)
    except FaultTextError:
        check_is_no_event(line, one)
        raise


def _first_that_reads(parse: Callable[[str], Entry], candidates: Iterable[str]) -> Entry:
    """Give the first candidate's entry. Raises FaultTextError, that of the last, if none can be read."""
    *others, last = candidates
    for text in others:
        with suppress(FaultTextError):
            return parse(text)
    return parse(last)


def _entry(when: Anchor, fault: str) -> Entry:
    line = " ".join(fault.split())
    may_be_refused = line.endswith(IF_POSSIBLE)
    return Entry(when, parse_fault(line.removesuffix(IF_POSSIBLE)), may_be_refused)
