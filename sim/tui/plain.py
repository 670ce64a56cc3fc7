"""The same as the screens show, as text: for screen readers, for CI, for a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.tui.lines import text_of
from sim.tui.panels.cluster import cluster_height, cluster_lines
from sim.tui.panels.events import event_line
from sim.tui.panels.governance import governance_rows
from sim.tui.panels.objects import object_lines
from sim.tui.panels.producer import producer_lines
from sim.tui.panels.transactions import transaction_lines, transactions_height
from sim.tui.panels.verdicts import verdict_rows

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.session import Watched
    from sim.tui.views import View

WIDTH = 100
BATCHES_MAX = 40


def plain_lines(watched: Watched, *, index: int | None = None) -> Iterator[str]:
    """Tell a run: its state after event `index` or at its end, the verdicts with how each came about, the events."""
    film = watched.film
    at = len(film) - 1 if index is None else index
    state = film.state_at(at)
    yield f"{watched.title}, {watched.properties_text}"
    for place, entry in enumerate(watched.schedule, start=1):
        yield f"fault {place}: {entry}"
    yield ""
    moment = "at the end" if index is None else "at the moment asked for"
    yield f"STATE {moment}, {film.clock(at)}, after event #{at} of {len(film) - 1}"
    yield f"{watched.moment(at)}, state {watched.state_hash(at)}"
    for one in cluster_lines(state, width=WIDTH, height=cluster_height(state)):
        yield text_of(one).rstrip()
    for one in producer_lines(state, begun_us=film.begun_us, width=WIDTH, height=BATCHES_MAX):
        if one:
            yield text_of(one).rstrip()
    rows = transactions_height(state, width=WIDTH, room=BATCHES_MAX)
    for one in transaction_lines(state, width=WIDTH, height=rows):
        yield text_of(one).rstrip()
    if watched.objects.of(at) is not None:
        yield from (text_of(one).strip() for one in object_lines(watched.objects, at, width=0))
    if not state.governance.is_plain:
        yield ""
        yield from (text_of(one.line).rstrip() for one in governance_rows(state, width=WIDTH))
    yield ""
    yield "VERDICTS"
    everything = {
        (verdict.guarantee, place) for verdict in watched.verdicts for place in range(min(len(verdict.findings), 1))
    }
    for row in verdict_rows(watched, unfolded=everything):
        yield text_of(row.line).rstrip()
    yield ""
    yield "EVENTS, times from the begin of the story"
    for number in range(len(film)):
        yield text_of(event_line(watched, number)).rstrip()


def view_lines(playhead: Playhead, view: View) -> Iterator[str]:
    """Tell one view where the playhead stands."""
    watched, index = playhead.watched, playhead.index
    yield f"{watched.title}, {watched.properties_text}"
    yield f"{view.name.upper()}, {view.meaning}"
    yield f"at {watched.film.clock(index)}, after event #{index} of {playhead.last}"
    yield ""
    yield from (text_of(row.line).rstrip() for row in view.rows(playhead, WIDTH, 0))
