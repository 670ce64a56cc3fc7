"""How far `acklab produce` has come, in one line: how much of how much, how fast, how long it will take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sim.world.units import SECOND_US

EVERY_US = 200_000
"""From one line to the next."""
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1_000


class Shown(Protocol):
    """Where a line is shown, and taken away again."""

    def show(self, text: str) -> None:
        """Show it in place of the last one."""
        ...


class InputProgress:
    """Says from time to time how far the sending has come."""

    def __init__(self, shown: Shown, now_us: Callable[[], int], *, total_bytes: int | None) -> None:
        """`total_bytes` is None where nobody knows how much will come."""
        self._shown = shown
        self._now_us = now_us
        self._total_bytes = total_bytes
        self._begun_us = now_us()
        self._due_us = 0

    def look(self, *, sent: int, acknowledged: int, bytes_read: int) -> None:
        """Say it, if it is time."""
        now_us = self._now_us()
        if now_us < self._due_us:
            return
        self._due_us = now_us + EVERY_US
        self._shown.show(
            progress_text(
                sent=sent,
                acknowledged=acknowledged,
                bytes_read=bytes_read,
                total_bytes=self._total_bytes,
                elapsed_us=now_us - self._begun_us,
            )
        )


def progress_text(*, sent: int, acknowledged: int, bytes_read: int, total_bytes: int | None, elapsed_us: int) -> str:
    """Write the line: `12000 sent, 11500 acknowledged; 1.2 MB of 3.4 MB (35 %), 600 kB/s, 0:04 left`."""
    text = f"{sent} sent, {acknowledged} acknowledged; {size_text(bytes_read)}"
    if total_bytes:
        text += f" of {size_text(total_bytes)} ({min(100, 100 * bytes_read // total_bytes)} %)"
    rate = bytes_read * SECOND_US // elapsed_us if elapsed_us > 0 else 0
    if rate:
        text += f", {size_text(rate)}/s"
        if total_bytes:
            text += f", {_clock(max(0, total_bytes - bytes_read) // rate)} left"
    return text


def size_text(size_bytes: int) -> str:
    """Write a number of bytes in the largest unit of which it has one: `512 B`, `1.2 MB`."""
    size, unit = float(size_bytes), 0
    while size >= _STEP and unit + 1 < len(_UNITS):
        size, unit = size / _STEP, unit + 1
    return f"{size_bytes} B" if not unit else f"{size:.1f} {_UNITS[unit]}"


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
