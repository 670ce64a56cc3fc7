"""The producer ids that one broker hands out, a block of the controller's at a time (RPCProducerIdManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.messages import ProducerIdBlock

_PREFETCH_AT_PERCENT = 90
"""Ask for the next block once this much of the current one is used."""


class ProducerIds:
    """The current block and, late in it, the next."""

    __slots__ = ("_ask", "_current", "_end", "_next_block", "_prefetch_at")

    def __init__(self, ask: Callable[[], object]) -> None:
        self._ask = ask
        self._current = 0
        self._end = 0
        self._prefetch_at = 0
        self._next_block: ProducerIdBlock | None = None

    def take(self) -> int | None:
        """Give a fresh id; None while a block is on its way."""
        if self._current == self._end:
            block = self._next_block
            if block is None:
                self._ask()
                return None
            self._next_block = None
            self._current = block.first
            self._end = block.first + block.size
            self._prefetch_at = block.first + block.size * _PREFETCH_AT_PERCENT // 100
        taken = self._current
        self._current += 1
        if taken == self._prefetch_at:
            self._ask()
        return taken

    def received(self, block: ProducerIdBlock) -> None:
        """Take what the controller allotted."""
        self._next_block = block
