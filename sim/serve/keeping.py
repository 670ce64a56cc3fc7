"""The trace of a run that may go on for days: the last events in memory, the others in a file, or nowhere."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from sim.trace.trace import TraceHeader, write_events

if TYPE_CHECKING:
    from sim.trace.trace import Trace

RECENT_EVENTS = 10_000
"""How many of the last events stay in memory, at least; twice as many at most."""


class Keeping:
    """Looks after one trace."""

    def __init__(self, trace: Trace, out: IO[str] | None = None, *, is_whole: bool = False) -> None:
        """`out` takes every event as a line, some time after it happened, and the last ones at the end.

        `is_whole`: nothing is let go, for a run that ends, and is judged by its trace.
        """
        self._is_whole = is_whole
        self._trace = trace
        self._out = out

    def begin(self, header: TraceHeader) -> None:
        """Write the first line: the story begins."""
        if self._out is not None:
            self._trace.write_header(self._out, header)

    def look(self) -> None:
        """Let the oldest events go, if there are too many."""
        if len(self._trace) >= 2 * RECENT_EVENTS and not self._is_whole:
            self._shed(RECENT_EVENTS)

    def end(self) -> None:
        """Write what is left."""
        if self._out is not None:
            self._shed(0)
            self._out.flush()

    def _shed(self, keep: int) -> None:
        shed = self._trace.shed(keep=keep)
        if self._out is not None:
            write_events(self._out, shed)
