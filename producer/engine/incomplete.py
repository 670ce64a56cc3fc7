"""The batches that have no verdict yet: which were there before a flush, and which is the oldest (IncompleteBatches)."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from producer.engine.batch import Batch

SPARE_ENTRIES = 64
"""So few that are over may stay in the heap."""


class Incomplete:
    """Batches without a verdict, by number."""

    __slots__ = ("_by_age", "_origins")

    def __init__(self) -> None:
        self._origins: dict[int, int] = {}
        """The number of each batch, with that of the batch that it was split from, or its own."""
        self._by_age: list[tuple[int, int]] = []
        """(created_us, number) in a heap; those that are over leave it when they come to its top."""

    def __len__(self) -> int:
        return len(self._origins)

    def begin(self, batch: Batch) -> None:
        """Count a batch that was opened."""
        heappush(self._by_age, (batch.created_us, batch.number))
        self._origins[batch.number] = batch.number

    def split(self, large: Batch, parts: list[Batch]) -> None:
        """Count the parts of a batch in its stead; who flushed it waits for all of them."""
        origin = self._origins.pop(large.number)
        for part in parts:
            heappush(self._by_age, (part.created_us, part.number))
            self._origins[part.number] = origin

    def end(self, batch: Batch) -> None:
        """Count a batch no longer; twice is once."""
        self._origins.pop(batch.number, None)
        if len(self._by_age) > 2 * len(self._origins) + SPARE_ENTRIES:
            # They stand behind one that is stuck.
            self._by_age = [entry for entry in self._by_age if entry[1] in self._origins]
            heapify(self._by_age)

    def is_flushed(self, mark: int) -> bool:
        """Whether every batch up to that number has its verdict, and what it was split into."""
        return all(number > mark for number in self._origins.values())

    @property
    def oldest_us(self) -> int | None:
        """When the oldest one was created."""
        by_age = self._by_age
        while by_age and by_age[0][1] not in self._origins:
            heappop(by_age)
        return by_age[0][0] if by_age else None
