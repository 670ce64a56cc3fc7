"""The range assignor: of each topic every member that reads it has a run of partitions (RangeAssignor, without racks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def assign(
    subscriptions: Mapping[str, tuple[str, ...]], counts: Mapping[str, int]
) -> dict[str, list[tuple[str, tuple[int, ...]]]]:
    """Give each member its topics with their partitions; `counts` says how many partitions a topic has."""
    given: dict[str, list[tuple[str, tuple[int, ...]]]] = {member: [] for member in sorted(subscriptions)}
    for topic, count in sorted(counts.items()):
        members = [member for member in given if topic in subscriptions[member]]
        each, left = divmod(count, len(members)) if members else (0, 0)
        first = 0
        for place, member in enumerate(members):
            behind = first + each + (1 if place < left else 0)
            if behind > first:
                given[member].append((topic, tuple(range(first, behind))))
            first = behind
    return given
