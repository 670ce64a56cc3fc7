"""Where `acklab consume` begins and stops, as `-o` says it: `beginning`, `end`, `17`, `-100`, `s@TIME`, `e@TIME`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from sim.cli.endings import CommandError
from sim.clients.consumer import EARLIEST, LATEST, at_time

_RELATIVE = re.compile(r"-\d+")
_EXPECTED = "expected beginning, end, an offset, -N for the last N, s@TIME or e@TIME"


class Span(NamedTuple):
    """What is read of each partition."""

    begin_at: int = EARLIEST
    """As a consumer takes it: `EARLIEST`, `LATEST`, an offset or `at_time`."""
    last: int = 0
    """So many records before the end are where it begins; 0: `begin_at` says it."""
    stop_at_ms: int | None = None
    """The first record of this time or a later one is not read, nor what is behind it; None: nothing stops it."""


def span_named(given: list[str]) -> Span:
    """Read every `-o`: one says where to begin, one may say where to stop. Raises CommandError."""
    begins, stops = [], []
    for text in given:
        if text.startswith("e@"):
            stops.append(_milliseconds(text))
        else:
            begins.append(_begin(text))
    for several in (begins, stops):
        if len(several) > 1:
            raise CommandError(f"-o is given {len(given)} times: once for the begin, and once as e@TIME for the end")
    span = begins[0] if begins else Span()
    return span._replace(stop_at_ms=stops[0]) if stops else span


def _begin(text: str) -> Span:
    named = {"beginning": EARLIEST, "earliest": EARLIEST, "end": LATEST, "latest": LATEST}
    if text in named:
        return Span(named[text])
    if text == "stored":
        raise CommandError(
            "-o stored: offsets are stored by groups, and no group reads here; -o beginning, end, N, -N, s@TIME"
        )
    if text.startswith("s@"):
        return Span(at_time(_milliseconds(text)))
    if _RELATIVE.fullmatch(text):
        last = -int(text)
        return Span(last=last) if last else Span(LATEST)
    if not text.isascii() or not text.isdigit():
        raise CommandError(f"-o {text!r}: {_EXPECTED}")
    return Span(int(text))


def _milliseconds(text: str) -> int:
    """Read a time: milliseconds since 1970, or a date as 2026-01-31T12:00:00Z, of UTC unless it says otherwise."""
    told = text[2:]
    if told.isascii() and told.isdigit():
        return int(told)
    try:
        moment = datetime.fromisoformat(told)
    except ValueError as error:
        raise CommandError(
            f"-o {text!r}: expected milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z"
        ) from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    found = int(moment.timestamp() * 1_000)
    if found < 0:
        raise CommandError(f"-o {text!r}: is before 1970")
    return found
