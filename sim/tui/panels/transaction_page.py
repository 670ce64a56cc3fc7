"""The transactions over the whole screen: every id at its producers and its coordinator, and what is open in which log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Span, Tone
from sim.tui.panels.page import PageRow, heading, laid_out, nothing_yet
from sim.tui.panels.transactions import offsets_of_leader, transaction_lines

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead

ANY_WIDTH = 400
LINES_OF_ONE = 8
"""An id takes no more lines than that, with one for each client that has it."""


def transaction_rows(playhead: Playhead, width: int, _: int) -> list[PageRow]:
    """Lay out every transactional id and every transaction that is open in a log."""
    state = playhead.state
    known = state.transactions
    if not known:
        return nothing_yet("nobody has written in a transaction so far", playhead, width)
    height = 1 + LINES_OF_ONE * len(known.names) + len(known.producers)
    rows = [PageRow(one) for one in transaction_lines(state, width=width or ANY_WIDTH, height=height)]
    held = {where: one for where, one in sorted(known.in_logs.items()) if one}
    rows += [PageRow(()), *heading("OPEN IN LOGS", "read_committed waits there" if held else "nothing is", width)]
    for where, opens in held.items():
        for one in opens:
            name = known.by_producer_id.get(one.producer_id, "")
            whose = f"{name}, producer id {one.producer_id}" if name else f"producer id {one.producer_id}"
            said = Span(f" from offset {one.first_offset} on, of {whose}; ", Tone.UNSURE)
            spans = (Span(f"  {where}"), said, *offsets_of_leader(state, where, is_brief=False))
            rows += laid_out(spans, width, indent=4)
    return rows
