"""A fault as people copy it: the line of a report, a screen or a search, with what stands around the fault there.

A line that says its point in the protocol stands in a schedule as it is. One that tells what happened has a time instead,
and an event's number, and `fault:` before the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sim.faults.text import DURATION, FaultTextError

_QUOTED_OR_BLANKS = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')
_SCROLL_BAR = "".join(map(chr, range(0x2580, 0x25A0)))
"""What a terminal copies from the right edge of a screen."""
_LABEL = re.compile(
    r"(?:faults|readers) (?=at |after )"
    r"|(?:Move or leave out |one more )?fault(?: \d+)?(?: moved)?: (?=at |after )"
    r"|(?:[?!] )?(?:beside: )?(?P<unstruck>no fault|no effect): "
)
_TOLD = re.compile(
    rf"(?:▶ |[12] (?=-?\d))?(?:at )?(?P<time>-?{DURATION}|0):? (?:#(?P<event>\d+)(?: of \d+)? )?(?:x )?(?P<what>.+)"
)
_FAULT = re.compile(r"(?P<struck>fault: )|(?P<unstruck>fault without effect: |no effect: )")


class Told(NamedTuple):
    """A line that gives a time: `2.530s  #181  fault: crash b1`, or `at 2s: crash b1`."""

    time: str
    """`2.530s`; with a minus before the story's begin."""
    event: int | None
    """The number of the event that the line tells; None if it names none, or says itself that it is a fault."""
    what: str
    """What happened: the fault alone, if it is one."""
    has_reason: bool
    """Whether the reason why the fault had no effect stands behind it, in brackets."""


def in_one_line(text: str) -> str:
    """Undo what a report does to a long line, and a terminal to a copied one; quoted values stay as they are."""
    unwrapped = re.sub(r"\s*\n\s*", " ", text.strip().rstrip(_SCROLL_BAR).rstrip())
    return _QUOTED_OR_BLANKS.sub(lambda found: found[1] or " ", unwrapped)


def without_label(line: str) -> tuple[str, bool]:
    """Leave out what a report or a screen calls the line; and say whether it gives a reason behind the fault."""
    label = _LABEL.match(line)
    return (line, False) if label is None else (line[label.end() :], label["unstruck"] is not None)


def told(line: str) -> Told | None:
    """Take apart a line that gives a time; None for any other."""
    found = _TOLD.fullmatch(line)
    if found is None:
        return None
    fault = _FAULT.match(found["what"])
    what = found["what"] if fault is None else found["what"][fault.end() :]
    if found["event"] is None and fault is None and ": " in what:
        return None
    has_reason = fault is not None and fault["unstruck"] is not None
    event = None if found["event"] is None or fault is not None else int(found["event"])
    return Told(found["time"], event, what, has_reason)


def up_to_reason(text: str) -> Iterator[str]:
    """Give what may be the fault in `crash b1 (it is down)`, the shortest first: a quoted value may have brackets, too."""
    yield from (text[: bracket.start()] for bracket in re.finditer(r" \(", text))
    yield text


def check_is_no_event(line: str, one: Told) -> None:
    """Raise FaultTextError for a line that tells what a run did, and not what was done to it."""
    if one.event is not None:
        raise FaultTextError(
            f"{line!r} tells event #{one.event} of a run, which is not a fault: only a line with 'fault:' can be given again"
        )
