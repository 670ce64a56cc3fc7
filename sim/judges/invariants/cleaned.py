"""What lies in logs where something was cleaned, beside what was written there: batches with gaps, and batches that are gone.

Two things are told apart. What lies there now; and what a replica read itself: a batch that it cleaned it had read before, and what
that told of its producer it knows still; a batch that it copied from a leader that had cleaned it told it no more than was left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producer.records import TopicPartition
    from sim.cluster.stored_batch import StoredBatch

    Log = tuple[int, TopicPartition]
    Left = dict[tuple[int, int], StoredBatch | None]
    """Leader epoch and first offset of a batch -> what is left of it, None for nothing."""


class Cleaned:
    """By log: what is left of each batch that is not what was written."""

    __slots__ = ("_copied", "_lying", "_own_to")

    def __init__(self) -> None:
        self._lying: dict[Log, Left] = {}
        self._copied: dict[Log, Left] = {}
        # Up to where a log was cleaned by its own broker, which keeps what it knew of producers there.
        self._own_to: dict[Log, int] = {}

    def lying(self, broker: int, tp: TopicPartition, written: Sequence[StoredBatch]) -> list[StoredBatch]:
        """Give what is left of batches in a log."""
        left = self._lying.get((broker, tp))
        return list(written) if left is None else _left_of(written, left)

    def as_copied(self, broker: int, tp: TopicPartition, written: Sequence[StoredBatch]) -> Sequence[StoredBatch]:
        """Give what a replica itself appended of batches in its log."""
        left = self._copied.get((broker, tp))
        return written if left is None else _left_of(written, left)

    def note_own(
        self,
        broker: int,
        tp: TopicPartition,
        written: Sequence[StoredBatch],
        now: Sequence[StoredBatch],
        to_offset: int,
    ) -> None:
        """A replica cleaned those batches that were written up to an offset, and these are there now."""
        lying = self._lying.setdefault((broker, tp), {})
        left = {_key(stored): stored for stored in now}
        for stored in written:
            lying[_key(stored)] = left.get(_key(stored))
        self._own_to[broker, tp] = max(self._own_to.get((broker, tp), 0), to_offset)

    def note_copied(
        self,
        broker: int,
        tp: TopicPartition,
        written: StoredBatch,
        now: StoredBatch,
        missing: Sequence[StoredBatch],
    ) -> None:
        """A replica copied what was left of a batch, and nothing of those before it that are missing."""
        for left in (self._lying.setdefault((broker, tp), {}), self._copied.setdefault((broker, tp), {})):
            left[_key(written)] = now
            for stored in missing:
                left[_key(stored)] = None

    def note_cut(self, broker: int, tp: TopicPartition, to_offset: int) -> None:
        """A log was cut there: what lay behind it is gone. Where it had been cleaned, it is read again as it lies there."""
        for lefts in (self._lying, self._copied):
            left = lefts.get((broker, tp))
            if left is not None:
                lefts[broker, tp] = {key: stored for key, stored in left.items() if key[1] < to_offset}
        if to_offset < self._own_to.get((broker, tp), 0):
            self._copied.setdefault((broker, tp), {}).update(self._lying.get((broker, tp), {}))
            self._own_to[broker, tp] = to_offset


def _left_of(written: Sequence[StoredBatch], left: Left) -> list[StoredBatch]:
    found = [left.get(_key(stored), stored) for stored in written]
    return [stored for stored in found if stored is not None]


def _key(stored: StoredBatch) -> tuple[int, int]:
    return stored.leader_epoch, stored.base_offset
