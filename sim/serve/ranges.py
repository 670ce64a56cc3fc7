"""A set of offsets as the few ranges that it mostly consists of."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator


class Ranges:
    """Whole numbers, kept as disjoint ranges in their order; neighbours are one range.

    >>> some = Ranges()
    >>> some.add(0, 4)
    >>> some.add(5, 9)
    >>> list(some)
    [(0, 9)]
    >>> list(some.without([(3, 4)]))
    [(0, 2), (5, 9)]
    """

    __slots__ = ("_firsts", "_lasts")

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Give (first, last) of each range."""
        return iter(zip(self._firsts, self._lasts, strict=True))

    def __len__(self) -> int:
        """How many numbers are in it."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def holds(self, number: int) -> bool:
        """Whether a number is in it."""
        place = bisect_left(self._lasts, number)
        return place < len(self._firsts) and self._firsts[place] <= number

    def add(self, first: int, last: int) -> None:
        """Put every number from `first` to `last` in."""
        begin = bisect_left(self._lasts, first - 1)
        end = begin
        while end < len(self._firsts) and self._firsts[end] <= last + 1:
            first, last = min(first, self._firsts[end]), max(last, self._lasts[end])
            end += 1
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]

    def without(self, others: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Give the ranges that are left without `others`, which are in order and disjoint."""
        taken = iter(others)
        other = next(taken, None)
        for first, last in self:
            at = first
            while other is not None and other[1] < at:
                other = next(taken, None)
            while other is not None and other[0] <= last:
                if other[0] > at:
                    yield at, other[0] - 1
                at = other[1] + 1
                if at > last:
                    break
                other = next(taken, None)
            if at <= last:
                yield at, last
