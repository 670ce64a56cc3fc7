"""Two runs of one story: how each ended, where they part, and what happens in each from there."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from sim.judges.guarantees import State, out_of, paired
from sim.tui.lines import Line, Span, Tone, line, padded
from sim.tui.panels.events import event_line
from sim.tui.panels.verdicts import MARKS, name_width

if TYPE_CHECKING:
    from sim.judges.guarantees import Verdict
    from sim.tui.session import Watched
    from sim.tui.view_model import Row

WIDE = 120
"""From this many columns on events have their numbers."""
GAP = Span(" │ ", Tone.DIM)


def columns(left: Line, right: Line, *, width: int, gap: Span = GAP) -> Line:
    """Set two lines side by side."""
    half = (width - len(gap.text)) // 2
    return (*padded(left, half), gap, *padded(right, width - len(gap.text) - half))


def ending_lines(first: Watched, second: Watched, *, width: int) -> list[Line]:
    """How the runs ended: a heading, the records, each verdict that is not good in both; the others are counted."""
    lines = [
        columns(
            line(Span("1  before", Tone.HEADING), Span(f"  {first.changed}", Tone.DIM)),
            line(Span("2  changed", Tone.HEADING)),
            width=width,
        ),
        columns(_records(first), _records(second), width=width),
    ]
    pairs = paired(first.verdicts, second.verdicts)
    told = [pair for pair in pairs if any(one is None or one.state is not State.HOLDS for one in pair)]
    names = name_width([*first.verdicts, *second.verdicts])
    lines += [
        columns(_verdict(one, first.sent, names), _verdict(other, second.sent, names), width=width)
        for one, other in told
    ]
    if len(told) < len(pairs):
        held = f"the other {len(pairs) - len(told)} hold" if told else "every promise holds"
        mark = MARKS[State.HOLDS]
        both = line(mark, Span(f" {held}", mark.tone))
        lines.append(columns(both, both, width=width))
    for mine, other in zip_longest(first.remarks, second.remarks, fillvalue=""):
        lines.append(columns(_remark(mine), _remark(other), width=width))
    return lines


def _remark(text: str) -> Line:
    return line(Span(f"! {text}" if text else "", Tone.UNSURE))


def _records(watched: Watched) -> Line:
    last = watched.film.state_at(len(watched.film) - 1)
    acknowledged = sum(one.acknowledged for one in last.applications.values())
    return line(f"{watched.sent} sent, {acknowledged} acknowledged, {last.read} read back")


def _verdict(verdict: Verdict | None, sent: int, names: int) -> Line:
    if verdict is None:
        return ()
    mark = MARKS[verdict.state]
    count = f"{len(verdict.findings)} of {out_of(verdict, sent)}" if verdict.findings else verdict.state.value
    return line(mark, Span(f" {verdict.guarantee:<{names}}{count}", mark.tone))


def difference_line(first: Watched, second: Watched, number: int) -> Line:
    """Say where the runs part."""
    if number >= len(first.events) and number >= len(second.events):
        return line(Span("The two runs are the same, event for event.", Tone.UNSURE))
    watched = first if number < len(first.events) else second
    at = watched.film.clock(number)
    return line(Span(f"The same up to #{number - 1}; the first difference is #{number}, at {at}", Tone.LEADER))


def chosen_lines(first: Watched, second: Watched, row: Row) -> list[Line]:
    """Tell one row in full: what happens there in each run."""
    nothing = Span("-", Tone.DIM)
    left = (nothing,) if row.first is None else event_line(first, row.first)
    right = (nothing,) if row.second is None else event_line(second, row.second)
    return [(Span("1 ", Tone.HEADING), *left), (Span("2 ", Tone.HEADING), *right)]


def row_line(first: Watched, second: Watched, row: Row, *, width: int) -> Line:
    """Show one row: an event of either run, or the same one of both."""
    is_wide = width >= WIDE
    left = () if row.first is None else event_line(first, row.first, is_numbered=is_wide)
    right = () if row.second is None else event_line(second, row.second, is_numbered=is_wide)
    gap = Span(" = ", Tone.DIM) if row.is_same else Span(" ≠ ", Tone.LEADER)
    return columns(left, right, width=width, gap=gap)
