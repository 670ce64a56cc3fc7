"""Whether an audit is whole: the first line that breaks its chain, and what was done there."""

from __future__ import annotations

from typing import NamedTuple

from producer.governance.audit.chain import BEGIN, Head, Sealed, unsealed
from producer.governance.audit.lines import INTENT, OPENED, OUTCOME


class Breach(NamedTuple):
    """The first place where a chain breaks."""

    line: int
    """From 1; one more than there are where the end was cut off."""
    how: str
    """`changed`, `removed`, `inserted`, `swapped` or `cut`."""
    what: str
    """One sentence."""


class Verified(NamedTuple):
    """What an audit holds."""

    lines: int
    """That are whole."""
    head: Head
    """Of the last line before any breach."""
    breach: Breach | None
    torn_bytes: int
    """Behind the last whole line: one was not wholly written."""
    without_outcome: tuple[tuple[str, int], ...]
    """(client id, record) of intents of which nothing more is told: unknown."""


def verify(text: bytes, known: Head | None = None) -> Verified:
    """Look through an audit; `known` is a head that was kept elsewhere, and must be in it."""
    *whole, rest = text.split(b"\n")
    read = [unsealed(line) for line in whole]
    breach = _first_breach(read)
    good = read if breach is None else read[: breach.line - 1]
    sealed = [one for one in good if one is not None]
    head = sealed[-1].head if sealed else BEGIN
    if breach is None and known is not None:
        breach = _compared(sealed, known)
    return Verified(len(whole), head, breach, len(rest), open_intents(sealed))


def open_intents(lines: list[Sealed]) -> tuple[tuple[str, int], ...]:
    """Give the intents that have no outcome, in their order. A writer counts its records, whoever sends them, and anew when it begins again."""
    found: dict[int, tuple[str, int]] = {}
    lost: list[tuple[str, int]] = []
    for one in lines:
        told = one.fields
        number = int(told.get("record") or 0)
        if told.get("kind") == OPENED:
            lost += found.values()
            found = {}
        elif told.get("kind") == INTENT:
            found[number] = (str(told.get("client_id")), number)
        elif told.get("kind") == OUTCOME:
            found.pop(number, None)
    return (*lost, *found.values())


def _first_breach(read: list[Sealed | None]) -> Breach | None:
    behind = BEGIN
    for place, one in enumerate(read):
        if one is None:
            return Breach(place + 1, "changed", "it is not what its own hash says, or not written as lines are")
        if (one.number, one.previous) != (behind.number + 1, behind.hash):
            return _named(read, place, one, behind)
        behind = one.head
    return None


def _named(read: list[Sealed | None], place: int, one: Sealed, behind: Head) -> Breach:
    """Say what was done where a line does not follow the one before it."""
    expected = behind.number + 1
    later = [other for other in read[place + 1 :] if other is not None]
    if one.number > expected:
        if any((other.number, other.previous) == (expected, behind.hash) for other in later):
            return Breach(place + 1, "swapped", f"line {one.number} of the chain stands before line {expected}")
        gone = one.number - expected
        which = f"line {expected} is" if gone == 1 else f"lines {expected} to {one.number - 1} are"
        return Breach(place + 1, "removed", f"{which} missing before it")
    if one.number == expected:
        return Breach(place + 1, "changed", "it follows another line than stands before it: that one was written anew")
    before = read[place - 1]
    is_twin = before is not None and before != one and before[1:3] == one[1:3]
    if is_twin and any(other.previous == one.hash for other in later[:1]):
        # The chain goes on behind this one, so the other of the two was put before it.
        return Breach(
            place,
            "inserted",
            f"it says that it is line {one.number}, and so does the next, which the chain goes on behind",
        )
    return Breach(place + 1, "inserted", f"it says that it is line {one.number}, which was there already")


def _compared(sealed: list[Sealed], known: Head) -> Breach | None:
    if known.number < 0:
        return None
    if known.number >= len(sealed):
        missing = known.number + 1 - len(sealed)
        return Breach(
            len(sealed) + 1,
            "cut",
            f"{missing} lines are missing at the end, up to line {known.number} of the known head",
        )
    if sealed[known.number].hash != known.hash:
        return Breach(
            known.number + 1,
            "changed",
            "it is another line than the known head: the chain was written anew from it or from before",
        )
    return None
