"""The events, one a line: number, time of the story, sign, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Line, Span, Tone
from sim.tui.telling import sign_of, told

if TYPE_CHECKING:
    from sim.tui.session import Watched


def event_line(watched: Watched, index: int, *, is_numbered: bool = True) -> Line:
    """Tell one event; its number may be left out where room is short."""
    film = watched.film
    event = film.events[index]
    sign = sign_of(event)
    text = told(event, batch=watched.ways.batch_of(index), whose=watched.ways.whose(index))
    tone = sign.tone if sign.tone in {Tone.FAULT, Tone.BAD, Tone.GOOD} else Tone.PLAIN
    # A fault's time may be a digit too long: its number moves, and the signs stay under one another.
    moment = f"{film.clock(index):>9} "
    return (
        Span(f"{moment}#{index}".ljust(17) if is_numbered else moment, Tone.DIM),
        Span(f"{sign.glyph} ", sign.tone),
        Span(text, tone),
    )


def event_text(watched: Watched, index: int) -> str:
    """Tell one event as text; what a filter looks through."""
    event = watched.film.events[index]
    return f"{type(event).__name__} {told(event, batch=watched.ways.batch_of(index), whose=watched.ways.whose(index))}"


def matching(watched: Watched, wanted: str) -> list[int]:
    """Give the events whose line, or type, holds each of the words."""
    words = wanted.lower().split()
    return [
        index for index in range(len(watched.film)) if all(word in event_text(watched, index).lower() for word in words)
    ]
