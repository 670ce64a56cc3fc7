"""The whole run as one bar: where it stands, and where faults, acknowledgements and broken promises lie."""

from __future__ import annotations

from sim.tui.lines import Line, Span, Tone
from sim.tui.view_model import Mark, Marks

_GLYPHS = {
    Mark.NOTHING: Span("─", Tone.DIM),
    Mark.ACKNOWLEDGEMENT: Span("o", Tone.GOOD),
    Mark.FAULT: Span("x", Tone.FAULT),
    Mark.VIOLATION: Span("!", Tone.BAD),
}

LEGEND: Line = (
    Span("●", Tone.NOW),
    Span(" now  ", Tone.DIM),
    Span("x", Tone.FAULT),
    Span(" fault  ", Tone.DIM),
    Span("o", Tone.GOOD),
    Span(" acknowledged  ", Tone.DIM),
    Span("!", Tone.BAD),
    Span(" a promise broke", Tone.DIM),
)

BRIEF_LEGEND: Line = (
    Span("x", Tone.FAULT),
    Span(" fault  ", Tone.DIM),
    Span("!", Tone.BAD),
    Span(" a promise broke", Tone.DIM),
)
"""What is left of it where room is short."""


def scrub_marks(marks: Marks, *, width: int) -> tuple[Span, ...]:
    """Give one span for each column, without the place of now; the same for a run and a width."""
    return tuple(
        _GLYPHS[marks.between(column * marks.total // width, max((column + 1) * marks.total // width, 1))]
        for column in range(width)
    )


def scrub_line(columns: tuple[Span, ...], *, index: int, total: int) -> Line:
    """Put the place of now on the bar."""
    place = column_of(index, width=len(columns), total=total)
    return (*columns[:place], Span("●", Tone.NOW), *columns[place + 1 :])


def column_of(index: int, *, width: int, total: int) -> int:
    """Give the column of an event."""
    return min(max(index, 0) * width // max(total, 1), width - 1)


def event_at(column: int, *, width: int, total: int) -> int:
    """Give the first event of a column: what a click there means."""
    return min(-(-column * total // width), total - 1)
