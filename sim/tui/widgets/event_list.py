"""The events of a run, or those that a filter leaves."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from sim.tui.lines import Line
from sim.tui.panels.events import event_line
from sim.tui.playhead import Playhead
from sim.tui.widgets.line_list import LineList

LINES_KEPT = 2_000


class EventList(LineList):
    """One line an event, made when it is seen."""

    def __init__(self, playhead: Playhead, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._playhead = playhead
        self._forget()

    def _forget(self) -> None:
        watched = self._playhead.watched
        self._line = lru_cache(LINES_KEPT)(lambda index: event_line(watched, index))

    def grown(self) -> None:
        """Take notice that there are more events, or others: what was told of one may be told in other words now."""
        self._forget()
        self.reload()

    @property
    def count(self) -> int:
        shown = self._playhead.shown
        return len(self._playhead.watched.film) if shown is None else len(shown)

    def line_at(self, row: int) -> Line:
        return self._line(self.event_of(row))

    def event_of(self, row: int) -> int:
        """Give the number of the event in a line."""
        shown = self._playhead.shown
        return row if shown is None else shown[row]

    def row_of(self, index: int) -> int:
        """Give the line of an event, or of the first shown behind it."""
        shown = self._playhead.shown
        return index if shown is None else min(bisect_left(shown, index), max(len(shown) - 1, 0))
