"""Who shall have which partitions, and who has which since when: topics by their ids, with numbers of partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Assignment = Mapping[bytes, tuple[int, ...]]
"""Topic id -> partitions, in order: a target."""
Owned = Mapping[bytes, Mapping[int, int]]
"""Topic id -> partition -> the epoch in which its owner got it (KIP-1251)."""

NOTHING_ASSIGNED: Assignment = {}
NOTHING_OWNED: Owned = {}


def without_epochs(owned: Owned) -> Assignment:
    """Give the partitions alone."""
    return {topic_id: tuple(sorted(epochs)) for topic_id, epochs in owned.items()}


def with_epoch(assignment: Assignment, epoch: int) -> Owned:
    """Give an assignment as owned since that epoch."""
    return {topic_id: dict.fromkeys(partitions, epoch) for topic_id, partitions in assignment.items()}


def places(owned: Owned) -> Iterable[tuple[bytes, int]]:
    """Give topic and partition of each."""
    return [(topic_id, partition) for topic_id, epochs in owned.items() for partition in epochs]


def joined(one: Owned, other: Owned) -> Owned:
    """Give what is in either; they have no partition in common."""
    both = {topic_id: dict(epochs) for topic_id, epochs in one.items()}
    for topic_id, epochs in other.items():
        both.setdefault(topic_id, {}).update(epochs)
    return both


def is_owned(owned: Owned, claimed: Assignment | None) -> bool:
    """Whether somebody says what it owns, and owns all of it."""
    if claimed is None:
        return False
    return all(partition in owned.get(topic_id, {}) for topic_id, them in claimed.items() for partition in them)


def owns_any(claimed: Assignment | None, owned: Owned) -> bool:
    """Whether somebody says that it has one of these, or does not say what it has."""
    if claimed is None:
        return True
    return any(partition in owned.get(topic_id, {}) for topic_id, them in claimed.items() for partition in them)
