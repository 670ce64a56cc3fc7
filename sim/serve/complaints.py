"""One line in the log for each thing that goes wrong at a client's hand, up to so many a second: a flood is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger

    from sim.trace.events import RequestRejected

LINES_A_SECOND_MAX = 10


class Complaints:
    """Writes who sent what that is no request, and why it is none. `now_s` gives seconds of the wall clock."""

    def __init__(self, log: Logger, now_s: Callable[[], float]) -> None:
        self._log = log
        self._now_s = now_s
        self._second = -1
        self._lines = 0
        self._unsaid = 0

    def note(self, event: RequestRejected) -> None:
        """Say that a broker ended a connection for what came over it, or count it."""
        second = int(self._now_s())
        if second != self._second:
            self.tell_unsaid()
            self._second, self._lines = second, 0
        if self._lines >= LINES_A_SECOND_MAX:
            self._unsaid += 1
            return
        self._lines += 1
        self._log.warning(
            "b%d ended connection %d of %s: %s", event.broker, event.connection, event.client, event.reason
        )

    def tell_unsaid(self) -> None:
        """Say how many were only counted since the last line."""
        if self._unsaid:
            self._log.warning("%d more connections were ended for what came over them", self._unsaid)
            self._unsaid = 0
