"""Two runs of one story: how each ended, where they part for a reason, and what happens in each, a line for both where it is the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.guarantees import State, out_of, paired
from sim.tui.comparing.alignment import Kind, Row, Step
from sim.tui.comparing.comparison import Comparison, Crossing, step_in
from sim.tui.lines import Line, Span, Tone, laid, line, padded
from sim.tui.panels.verdicts import MARKS, name_width
from sim.tui.telling import sign_of

if TYPE_CHECKING:
    from sim.judges.guarantees import Verdict
    from sim.tui.session import Watched

GAP = Span(" │ ", Tone.DIM)
CLOCK = 10
"""Columns of a time; a fault's has more digits."""
RUN_TONES = {1: Tone.UNSURE, 2: Tone.FOLLOWER}
HERE = "▶"
FOLDED_MIN = 3
"""So many rows that are alike, or asides, are one line."""


ASIDES_COUNTED_MIN = 10
"""So many asides of one run are worth a word where asides are not shown."""


class ComparedLine(NamedTuple):
    """One line of the list, and what it stands for."""

    line: Line
    first: int | None
    """An event of the first run; None where it has none there."""
    second: int | None
    text: str
    """What it says, without times."""
    fold: int | None = None
    """Which rows it stands for, by the first of them; None for a line that hides nothing."""
    is_causal: bool = False


def columns(left: Line, right: Line, *, width: int, gap: Span = GAP) -> Line:
    """Set two lines side by side."""
    half = (width - len(gap.text)) // 2
    return (*padded(left, half), gap, *padded(right, width - len(gap.text) - half))


# -- how they ended ---------------------------------------------------------------------------------------------------------


def ending_lines(first: Watched, second: Watched, *, width: int) -> list[Line]:
    """How the runs ended: a heading, the records, each verdict that is not good in both; the others are counted."""
    lines = [
        columns(
            line(Span("1  before", Tone.HEADING), Span(f"  {first.changed or first.properties_text}", Tone.DIM)),
            line(Span("2  changed", Tone.HEADING), Span(f"  {second.changed or second.properties_text}", Tone.DIM)),
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


# -- why --------------------------------------------------------------------------------------------------------------------


def why_lines(comparison: Comparison, *, width: int) -> list[Line]:
    """Say where the runs part for a reason: the first difference that follows from the change and matters, as either run has it."""
    row, focus = comparison.causal, comparison.focus
    if row is None:
        text = (
            "The two runs are the same, event for event."
            if comparison.is_same
            else "Nothing that matters differs: only times, connections, requests."
        )
        return [line(Span(text, Tone.UNSURE))]
    about = "" if focus is None else f"   {focus.name}: {focus.why}"
    heading = line(Span("The first difference that matters", Tone.HEADING), Span(about, Tone.DIM))
    lines = laid(heading, width, indent=2) if width else [heading]
    crossed = comparison.crossed(row)
    for run, watched in enumerate(comparison.runs, start=1):
        step = step_in(row, run)
        when = " " * CLOCK if step is None else f"{watched.film.clock(step.event):>{CLOCK}}"
        said = "does not come to that" if step is None else f"{step.text}{_crossing_text(crossed, run)}"
        tone = Tone.DIM if step is None else Tone.PLAIN
        one = line(Span(f"{run} ", RUN_TONES[run]), Span(f"{when}  ", Tone.DIM), Span(said, tone))
        lines += laid(one, width, indent=CLOCK + 4) if width else [one]
    return lines


def _crossing_text(crossed: Sequence[Crossing], run: int) -> str:
    """Say what a step is before in this run, or behind, and is not in the other."""
    parts = []
    for word, is_before in (("before", True), ("only after", False)):
        found = [one.text for one in crossed if one.is_before_in_first is (is_before if run == 1 else not is_before)]
        if found:
            parts.append(f"{word} {found[0]}")
    return f"; {', '.join(parts)}" if parts else ""


# -- row by row -------------------------------------------------------------------------------------------------------------


def compared_lines(
    comparison: Comparison,
    rows: Sequence[Row],
    *,
    has_asides: bool = True,
    unfolded: Collection[int] = (),
    folds: bool = True,
) -> list[ComparedLine]:
    """Tell rows line by line: one for what both have, two for what went otherwise; what is alike, or an aside, is folded.

    `unfolded` are the first rows of folds that are open.
    """
    lines: list[ComparedLine] = []
    rows = rows if has_asides else _without_asides(rows)
    for begin, end, is_folded in _stretches(comparison, rows, has_asides=has_asides, folds=folds):
        if is_folded and begin not in unfolded:
            lines.append(_fold_line(rows[begin:end], begin))
            continue
        place = begin
        while place < end:
            alike = _like(comparison, rows, place, end)
            lines += _row_lines(comparison, rows[place], rows[place + alike - 1], alike)
            place += alike
    return lines


def _without_asides(rows: Sequence[Row]) -> list[Row]:
    """Leave out the asides that one run alone has; many of them one after the other stay, to be counted."""
    kept: list[Row] = []
    place = 0
    while place < len(rows):
        end = place
        while end < len(rows) and rows[end].is_aside and rows[end].kind is not Kind.ALIKE:
            end += 1
        kept += rows[place:end] if end - place >= ASIDES_COUNTED_MIN else ()
        kept += rows[end : end + 1]
        place = end + 1
    return kept


def _stretches(
    comparison: Comparison, rows: Sequence[Row], *, has_asides: bool, folds: bool
) -> Iterator[tuple[int, int, bool]]:
    """Give stretches of rows, and whether each is one line."""
    begin = 0
    while begin < len(rows):
        is_dull = _is_dull(comparison, rows[begin], has_asides=has_asides)
        end = begin + 1
        while end < len(rows) and _is_dull(comparison, rows[end], has_asides=has_asides) == is_dull:
            end += 1
        yield begin, end, is_dull and folds and end - begin >= FOLDED_MIN
        begin = end


def _is_dull(comparison: Comparison, row: Row, *, has_asides: bool) -> bool:
    if _is_causal(comparison, row) or any(step.is_fault for step in row.steps):
        return False
    return row.kind is Kind.ALIKE or (row.is_aside and not has_asides)


def _is_causal(comparison: Comparison, row: Row) -> bool:
    return any(
        step is not None and (run, step.event) in comparison.marked
        for run, step in enumerate((row.first, row.second), start=1)
    )


def _fold_line(rows: Sequence[Row], begin: int) -> ComparedLine:
    alike = sum(row.kind is Kind.ALIKE for row in rows)
    only = [sum(row.kind is not Kind.ALIKE and step is not None for row, step in zip(rows, steps, strict=True))
            for steps in ([row.first for row in rows], [row.second for row in rows])]  # fmt: skip
    parts = [f"{alike} alike"] if alike else []
    parts += [f"{count} aside{'s' if count > 1 else ''} in {run}" for run, count in enumerate(only, start=1) if count]
    text = f"… {', '.join(parts)}"
    firsts = [row.first.event for row in rows if row.first is not None]
    seconds = [row.second.event for row in rows if row.second is not None]
    one = line(Span(" " * (2 * CLOCK + 5)), Span(text, Tone.DIM))
    return ComparedLine(one, firsts[0] if firsts else None, seconds[0] if seconds else None, text, begin)


def _like(comparison: Comparison, rows: Sequence[Row], place: int, end: int) -> int:
    """Count the rows from a place on that say the same of one record after the other."""
    first = rows[place]
    if _is_causal(comparison, first) or first.kind is Kind.OTHERWISE:
        return 1
    count = 1
    while place + count < end:
        row = rows[place + count]
        if row.kind is not first.kind or _is_causal(comparison, row):
            break
        if _said_of(comparison, row) != _said_of(comparison, first) or _said_of(comparison, first) is None:
            break
        count += 1
    return count


def _said_of(comparison: Comparison, row: Row) -> tuple[object, ...] | None:
    """Give what is said of a record, whichever it is; None for what is not of one record."""
    run = 1 if row.first is not None else 2
    event = comparison.runs[run - 1].events[row.steps[0].event]
    if "record" not in event._fields and type(event).__name__ != "RecordRead":
        return None
    return (run, type(event), event.client, getattr(event, "topic", ""), getattr(event, "code", 0))


def _row_lines(comparison: Comparison, row: Row, last: Row, count: int) -> list[ComparedLine]:
    more = f"   … and {count - 1} more, up to: {last.steps[0].text}" if count > 1 else ""
    if row.kind is Kind.ALIKE:
        assert row.first is not None
        assert row.second is not None
        return [_line(comparison, row, row.first, row.second, "=", more)]
    lines = []
    if row.first is not None:
        lines.append(_line(comparison, row, row.first, None, "1", more))
    if row.second is not None:
        lines.append(_line(comparison, row, None, row.second, "2", more))
    return lines


def _line(
    comparison: Comparison, row: Row, first: Step | None, second: Step | None, mark: str, more: str
) -> ComparedLine:
    step = first or second
    assert step is not None
    run = 1 if first is not None else 2
    is_causal = _is_causal(comparison, row)
    event = comparison.runs[run - 1].events[step.event]
    sign = sign_of(event)
    tone = sign.tone if sign.tone in {Tone.FAULT, Tone.BAD, Tone.GOOD} else Tone.PLAIN
    if row.kind is Kind.MOVED and row.twin is not None:
        more = f"   ({_moved(comparison, row.twin, 3 - run)}){more}"
    times = "".join(
        f"{'' if one is None else watched.film.clock(one.event):>{CLOCK}}"
        for one, watched in ((first, comparison.first), (second, comparison.second))
    )
    one = line(
        Span(HERE if is_causal else " ", Tone.LEADER),
        Span(times, Tone.DIM),
        Span(f" {mark} ", Tone.DIM if mark == "=" else RUN_TONES[run]),
        Span(f"{sign.glyph} ", sign.tone),
        Span(step.text, tone),
        Span(more, Tone.DIM),
    )
    return ComparedLine(
        one,
        None if first is None else first.event,
        None if second is None else second.event,
        f"{step.text}{more}",
        is_causal=is_causal,
    )


def _moved(comparison: Comparison, twin: Step, run: int) -> str:
    return f"{run}: at {comparison.runs[run - 1].film.clock(twin.event)}"


def chosen_lines(comparison: Comparison, row: ComparedLine, *, width: int) -> list[Line]:
    """Tell one line in full, with the events that it stands for."""
    if row.fold is not None:
        return [line(Span(row.text, Tone.DIM)), line(Span("⏎ unfolds them", Tone.DIM))]
    where = [
        f"{run}: {watched.film.clock(event)} #{event}"
        for run, watched, event in ((1, comparison.first, row.first), (2, comparison.second, row.second))
        if event is not None
    ]
    one = line(Span(f"{'   '.join(where)}   ", Tone.DIM), Span(row.text))
    return laid(one, width, indent=2)[:2]
