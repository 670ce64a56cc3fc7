"""Packets that arrived in vain, and that whoever sent them sends again: until they are taken, or until the sender gives up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

_LOOKED_AFTER = 16
"""So many more may wait before the next look for those that nobody sends any more: not all are looked at for each that comes."""


class MissedPacket(NamedTuple):
    """A packet whose way ended early."""

    is_repeated: Callable[[], bool]
    """Whether its sender still sends it."""
    repeat: Callable[[], object]
    """Sends it again."""


class Missed:
    """What waits, in order. Who gave up meanwhile sends no more: an outage of days keeps next to nothing of the attempts in it.

    As after a cut (`LinkState.CUT`), what is repeated arrives when the outage ends, not at the next of TCP's growing intervals.
    """

    __slots__ = ("_look_at", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[MissedPacket] = deque()
        self._look_at = _LOOKED_AFTER

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, is_repeated: Callable[[], bool], repeat: Callable[[], object]) -> None:
        """One more arrived in vain. `repeat` sends it again, if `is_repeated` says then that its sender still does."""
        self.keep(is_repeated, repeat)
        if len(self._waiting) >= self._look_at:
            self._waiting = deque(packet for packet in self._waiting if packet.is_repeated())
            self._look_at = len(self._waiting) + _LOOKED_AFTER

    def keep(self, is_repeated: Callable[[], bool], repeat: Callable[[], object]) -> None:
        """One more waits; it was not lost, so its sender need not send it again."""
        self._waiting.append(MissedPacket(is_repeated, repeat))

    def send_again(self) -> None:
        """Let everybody who still does send once more, in order."""
        for packet in self._take():
            if packet.is_repeated():
                packet.repeat()

    def release(self) -> None:
        """Let everything go on its way, in order, whoever sent it."""
        for packet in self._take():
            packet.repeat()

    def _take(self) -> deque[MissedPacket]:
        waiting, self._waiting = self._waiting, deque()
        self._look_at = _LOOKED_AFTER
        return waiting
