"""Two runs side by side: up to where they are the same, and what each does from there, aligned by time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One line of a comparison: an event of either run, or the same one of both."""

    first: int | None
    """Event number in the first run."""
    second: int | None
    """Event number in the second run."""

    @property
    def is_same(self) -> bool:
        return self.first is not None and self.second is not None


def first_difference(first: Sequence[Any], second: Sequence[Any]) -> int:
    """Give the number of the first event in which two traces differ; the shorter one's length if it is a beginning."""
    for number, (one, other) in enumerate(zip(first, second, strict=False)):
        if type(one) is not type(other) or one != other:
            return number
    return min(len(first), len(second))


def aligned(first: Sequence[Any], second: Sequence[Any], *, start: int = 0) -> list[Row]:
    """Merge two traces by time from event `start` on; equal events at one time share a row."""
    rows: list[Row] = []
    left, right = start, start
    while left < len(first) or right < len(second):
        if left == len(first):
            rows.append(Row(None, right))
            right += 1
        elif right == len(second):
            rows.append(Row(left, None))
            left += 1
        elif type(first[left]) is type(second[right]) and first[left] == second[right]:
            rows.append(Row(left, right))
            left += 1
            right += 1
        elif first[left].at_us <= second[right].at_us:
            rows.append(Row(left, None))
            left += 1
        else:
            rows.append(Row(None, right))
            right += 1
    return rows
