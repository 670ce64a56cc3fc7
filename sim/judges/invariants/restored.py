"""A log as it would lie there if nothing had been removed from its beginning: what was written, and then what is on the disk.

Invariants compare logs batch by batch from the beginning. What a replica removed of its own, as it may, is put back for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from sim.cluster.stored_batch import StoredBatch


class Restored(Sequence["StoredBatch"]):
    """The batches that are gone, and behind them those that lie there from a certain one on. Nothing is copied."""

    __slots__ = ("_entries", "_gone", "_place")

    def __init__(self, gone: Sequence[StoredBatch], entries: Sequence[StoredBatch], place: int) -> None:
        """`place` is how many of `entries` are left out."""
        self._gone = gone
        self._entries = entries
        self._place = place

    def __len__(self) -> int:
        return len(self._gone) + len(self._entries) - self._place

    @overload
    def __getitem__(self, at: int) -> StoredBatch: ...

    @overload
    def __getitem__(self, at: slice) -> list[StoredBatch]: ...

    def __getitem__(self, at: int | slice) -> StoredBatch | list[StoredBatch]:
        length = len(self)
        if isinstance(at, slice):
            return [self._at(place) for place in range(*at.indices(length))]
        place = at + length if at < 0 else at
        if not 0 <= place < length:
            msg = f"batch {at} of {length}"
            raise IndexError(msg)
        return self._at(place)

    def _at(self, place: int) -> StoredBatch:
        behind = place - len(self._gone)
        return self._gone[place] if behind < 0 else self._entries[behind + self._place]
