"""The verdicts over the whole screen: each broken promise with every record that breaks it, the first of each with its story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Span, Tone
from sim.tui.panels.page import PageRow
from sim.tui.panels.verdicts import verdict_rows

if TYPE_CHECKING:
    from sim.judges.verdict import Verdict
    from sim.tui.playhead import Playhead

ANY_WIDTH = 10_000


def verdict_page_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out what was judged of the whole run; what lies behind the moment of the playhead is dim."""
    watched = playhead.watched
    opened = {(verdict.guarantee, 0) for verdict in watched.verdicts if verdict.findings}
    rows = []
    for row in verdict_rows(watched, unfolded=opened, width=width or ANY_WIDTH):
        is_later = row.event is not None and row.event > playhead.index
        line = tuple(Span(span.text, Tone.DIM) for span in row.line) if is_later else row.line
        rows.append(PageRow(line, row.event))
    return rows


def verdict_facts(playhead: Playhead) -> dict[str, object]:
    """Give the question, the verdicts and what did not go as planned."""
    watched = playhead.watched
    question = "" if watched.scenario is None else watched.scenario.question
    verdicts: tuple[Verdict, ...] = watched.verdicts
    return {"question": question, "verdicts": verdicts, "remarks": watched.remarks, "sent": watched.sent}
