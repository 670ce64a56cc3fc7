"""What a view is made of: lines, each with the event that it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.tui.lines import Line, Span, Tone, laid

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead


class PageRow(NamedTuple):
    """One line of a view, and the event that it leads to."""

    line: Line
    event: int | None = None
    is_heading: bool = False


def laid_out(
    one: Line, width: int, *, indent: int, event: int | None = None, is_heading: bool = False
) -> list[PageRow]:
    """Lay a line out over as many rows as it needs, later ones indented. A width of 0 is any."""
    lines = laid(one, width, indent=indent) if width else [one]
    return [PageRow(part, event, is_heading) for part in lines]


def heading(title: str, about: str, width: int) -> list[PageRow]:
    """Give the heading of a part of a view, and what it is about."""
    return laid_out((Span(f"{title}  ", Tone.HEADING), Span(about, Tone.DIM)), width, indent=2, is_heading=True)


def nothing_yet(what: str, playhead: Playhead, width: int) -> list[PageRow]:
    """Say of an empty view what is not there at this moment, and how to go on, unless the run is over."""
    on = "; → goes on one event, End to the end of the run" if playhead.index < playhead.last else ""
    return laid_out((Span(f"{what}{on}", Tone.DIM),), width, indent=2)
