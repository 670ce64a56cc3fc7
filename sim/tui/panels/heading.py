"""The line at the top of a screen, the two that tell the moment, and one above each list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Line, Span, Tone, fitted, line, padded, width_of
from sim.tui.panels.scrub import BRIEF_LEGEND, LEGEND
from sim.tui.panels.verdicts import summary
from sim.tui.telling import sign_of, told

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.session import Watched


WIDE = 100
"""From this many columns on each broken promise has its count."""


def title_line(watched: Watched, *, width: int) -> Line:
    """Whose run it is on the left, how it ended on the right."""
    right = summary(watched.verdicts, watched.sent, is_short=width < WIDE, is_sure=watched.is_sure)
    left = line(Span(watched.title, Tone.HEADING), Span(f"  {watched.properties_text}"))
    if watched.changed:
        changes = " + ".join(map(str, watched.changes)) or watched.changed
        left = line(Span(watched.title, Tone.HEADING), Span(f"  {changes}", Tone.UNSURE))
    room = max(width - width_of(right) - 2, 10)
    return (*padded(left, room), Span("  "), *right)


def moment_lines(playhead: Playhead, *, width: int) -> list[Line]:
    """Where it stands: time, number, what just happened; then whose event that is, and whether it plays."""
    watched, index = playhead.watched, playhead.index
    event = watched.events[index]
    sign = sign_of(event)
    text = told(event, batch=watched.ways.batch_of(index), whose=watched.ways.whose(index))
    at = watched.film.clock(index)
    first = line(
        Span(f"▶ {at} ", Tone.HEADING),
        Span(f"#{index} of {playhead.last}  ", Tone.DIM),
        Span(f"{sign.glyph} ", sign.tone),
        Span(text, sign.tone),
    )
    return [padded(first, width), padded(_second(playhead), width)]


def _second(playhead: Playhead) -> Line:
    parts: list[Span] = []
    if playhead.is_playing:
        parts.append(Span(f"  playing, {playhead.pace}  ", Tone.LEADER))
    entity = playhead.followed
    if entity is not None:
        others = [str(one) for one in playhead.watched.ways.of(playhead.index) if one != entity]
        parts += [Span("  n N: next, previous event of ", Tone.DIM), Span(str(entity))]
        if others:
            parts.append(Span(f"   e: {', '.join(others)}", Tone.DIM))
    return tuple(parts)


def verdicts_heading(*, has_events: bool, width: int) -> Line:
    """Say what the keys do in the list of verdicts; `has_events` if the events stand beside it."""
    tab = () if has_events else (" Tab: events",)
    said = (
        ("↓ walks through what happened, ⏎ opens a record", *tab),
        ("↓ walks through it, ⏎ opens", *tab),
        tab,
    )
    heading = Span("VERDICTS", Tone.HEADING)
    return fitted((line(heading, Span("".join(f"  {words}" for words in one), Tone.DIM)) for one in said), width)


def why_heading(*, has_events: bool, width: int) -> Line:
    """Say what the keys do in an explanation; `has_events` if the events stand beside it."""
    tab = () if has_events else (" Tab: events",)
    said = (
        ("w ↓: one cause further back", "⏎ asks anew", "Esc: back to what was asked", *tab),
        ("w ↓: one cause further back", "Esc: back", *tab),
        ("w ↓: further back", *tab),
        tab,
    )
    heading = Span("WHY", Tone.HEADING)
    return fitted((line(heading, Span("".join(f"  {words}" for words in one), Tone.DIM)) for one in said), width)


def events_heading(playhead: Playhead, *, has_verdicts: bool, width: int) -> Line:
    """Say what the signs mean in the list of events, or that it shows only some; `has_verdicts` if they stand beside it."""
    heading = Span("EVENTS", Tone.HEADING)
    tab = line() if has_verdicts else line(Span("   Tab: verdicts", Tone.DIM))
    said: tuple[Line, ...]
    if playhead.shown is None:
        said = (LEGEND, BRIEF_LEGEND, line())
    else:
        count = f"{len(playhead.shown)} hold '{playhead.wanted}'"
        said = (line(Span(f"{count}, Esc shows all", Tone.UNSURE)), line(Span(count, Tone.UNSURE)))
    return fitted(((heading, Span("  "), *one, *tab) for one in said), width)
