"""A producer's metrics on stderr while it works: a table that is drawn again and again on a terminal, and once at the end."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.metrics import Measured

REFRESH_S = 0.5


class MetricsTable:
    """Stands where `Progress` stands: `clear` ends it, and leaves its last state on the screen."""

    def __init__(self, read: Callable[[], Measured]) -> None:
        """Begin; `read` is called from another thread if stderr is a terminal."""
        self._read = read
        self._lines_drawn = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if sys.stderr.isatty():
            self._thread = threading.Thread(target=self._keep_current, name="metrics table", daemon=True)
            self._thread.start()

    def show(self, text: str) -> None:
        """Do nothing: the table says more than one line."""

    def clear(self) -> None:
        """Draw the table a last time. Doing so twice is as once."""
        if self._ended.is_set():
            return
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._draw(self._lines())

    def _keep_current(self) -> None:
        while not self._ended.wait(REFRESH_S):
            size = shutil.get_terminal_size()
            # A line that wraps, or scrolls away, could not be overwritten.
            self._draw([line[: size.columns - 1] for line in self._lines()[: size.lines - 1]])

    def _lines(self) -> list[str]:
        from producer.metrics import summary

        return summary(self._read())

    def _draw(self, lines: list[str]) -> None:
        up = f"\033[{self._lines_drawn}F\033[J" if self._lines_drawn else ""
        print(up + "\n".join(lines), file=sys.stderr, flush=True)
        self._lines_drawn = len(lines)
