"""What the panels show after each event of a run, so compact that one file holds all of it: each line once, each change once.

A panel is rows; a row is the events at which it changed, and the line that it has since. The state after an event is each row's
last change up to there, so any moment is found by searching, without a fold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.tui.lines import Line, Span, Tone, text_of
from sim.tui.panels.cluster import cluster_height, cluster_lines
from sim.tui.panels.events import event_line
from sim.tui.panels.governance import governance_rows
from sim.tui.panels.objects import object_lines
from sim.tui.panels.producer import producer_lines
from sim.tui.panels.transactions import transaction_lines, transactions_height
from sim.tui.view_model.folds import FOLDS
from sim.tui.view_model.governance_folds import FOLDS as GOVERNANCE_FOLDS

if TYPE_CHECKING:
    from sim.tui.session import Watched
    from sim.tui.view_model import State

WIDTH = 120
"""Columns of every panel."""
EVENTS_MAX = 20_000
"""A file holds at most so many events: some two megabytes. Of a longer run it holds those around one moment, and says so."""
BATCHES_MAX = 40
"""How many lines are given to the batches, as where a run is told as text."""


def _cluster(watched: Watched, index: int, state: State) -> list[Line]:  # noqa: ARG001 - as the others
    return cluster_lines(state, width=WIDTH, height=cluster_height(state))


def _producer(watched: Watched, index: int, state: State) -> list[Line]:  # noqa: ARG001
    lines = producer_lines(state, begun_us=watched.film.begun_us, width=WIDTH, height=BATCHES_MAX)
    return [one for one in lines if one]


def _transactions(watched: Watched, index: int, state: State) -> list[Line]:  # noqa: ARG001
    return transaction_lines(state, width=WIDTH, height=transactions_height(state, width=WIDTH, room=BATCHES_MAX))


def _governance(watched: Watched, index: int, state: State) -> list[Line]:  # noqa: ARG001
    return [] if state.governance.is_plain else [row.line for row in governance_rows(state, width=WIDTH)]


PANELS: tuple[tuple[str, Callable[[Watched, int, State], list[Line]]], ...] = (
    ("Cluster", _cluster),
    ("Producer", _producer),
    ("Transactions", _transactions),
    ("Governance", _governance),
)
"""Each panel's title, and what it shows of a run after an event. One that never shows anything is left out of a file.

Behind them comes the object that an event tells of, where records are objects: it is no part of the state.
"""


_FOLDED = FOLDS.keys() | GOVERNANCE_FOLDS.keys()


class Row(NamedTuple):
    """One row of a panel."""

    events: list[int]
    """The events at which it changed, in order."""
    lines: list[int]
    """What it shows from each of them on: a place in `Scrubber.lines`; the empty line is 0."""


class Panel(NamedTuple):
    """One panel through the whole run."""

    title: str
    rows: list[Row]


class Scrubber(NamedTuple):
    """A run, or a window of it, as a page holds it."""

    first: int
    """The first event that it holds."""
    lines: list[Line]
    """Every line that is shown, once."""
    panels: list[Panel]
    told: list[int]
    """For each event its line, without number and time."""
    clocks: list[str]
    kinds: list[str]
    """For each event the name of its type."""

    def shown(self, panel: int, index: int) -> list[Line]:
        """Give what a panel shows after an event, empty rows at its end left out."""
        rows = []
        for row in self.panels[panel].rows:
            place = bisect_right(row.events, index) - 1
            rows.append(self.lines[row.lines[place]] if place >= 0 else ())
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def as_json(self, clean: Callable[[str], str]) -> dict[str, Any]:
        """Give it as plain values: texts once each, tones as places in their enumeration. `clean` sees each text."""
        texts: dict[str, int] = {}
        tones = {tone: place for place, tone in enumerate(Tone)}
        lines = [
            [number for span in one for number in (tones[span.tone], texts.setdefault(clean(span.text), len(texts)))]
            for one in self.lines
        ]
        kinds = {name: place for place, name in enumerate(dict.fromkeys(self.kinds))}
        return {
            "first": self.first,
            "tones": [tone.value for tone in Tone],
            "lines": lines,
            "panels": [{"title": one.title, "rows": [list(row) for row in one.rows]} for one in self.panels],
            "told": self.told,
            "clocks": self.clocks,
            "kindNames": list(kinds),
            "kinds": [kinds[name] for name in self.kinds],
            "texts": list(texts),
        }


def window(total: int, index: int) -> range:
    """Give the events that a file holds: all of them, or EVENTS_MAX around one."""
    first = min(max(index - EVENTS_MAX // 2, 0), max(total - EVENTS_MAX, 0))
    return range(first, min(first + EVENTS_MAX, total))


def scrubber_of(watched: Watched, held: range) -> Scrubber:
    """Look at a run after each of these events, which follow one another."""
    lines: dict[Line, int] = {(): 0}
    panels = [Panel(title, []) for title, _ in PANELS]
    objects = Panel("Object", [])
    told, clocks, kinds = [], [], []
    for index in held:
        # An event that only moves the clock changes nothing of the state.
        if index == held.start or type(watched.events[index]) in _FOLDED:
            state = watched.film.state_at(index)
            for panel, (_, shows) in zip(panels, PANELS, strict=True):
                _note(panel.rows, shows(watched, index, state), index, lines)
        if watched.objects.has_any:
            _note(objects.rows, object_lines(watched.objects, index, width=0), index, lines)
        one = event_line(watched, index)[1:]
        told.append(lines.setdefault(one, len(lines)))
        clocks.append(watched.film.clock(index))
        kinds.append(type(watched.events[index]).__name__)
    return Scrubber(held.start, list(lines), [one for one in (*panels, objects) if one.rows], told, clocks, kinds)


def _note(rows: list[Row], shown: Sequence[Line], index: int, lines: dict[Line, int]) -> None:
    """Note which rows of a panel are others now."""
    rows += [Row([], []) for _ in range(len(shown) - len(rows))]
    for place, row in enumerate(rows):
        line = _trimmed(shown[place]) if place < len(shown) else ()
        number = lines.setdefault(line, len(lines))
        if number != (row.lines[-1] if row.lines else 0):
            row.events.append(index)
            row.lines.append(number)


def _trimmed(line: Line) -> Line:
    """Leave out what only fills a line up, and join what has one tone."""
    spans: list[Span] = []
    for span in line:
        if spans and spans[-1].tone is span.tone:
            spans[-1] = Span(spans[-1].text + span.text, span.tone)
        elif span.text:
            spans.append(span)
    if spans:
        spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].tone)
    return tuple(spans) if text_of(tuple(spans)).strip() else ()
