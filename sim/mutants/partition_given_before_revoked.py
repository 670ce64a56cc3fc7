"""A group coordinator that gives a partition to its next owner at once, whether the one before has given it up or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.groups.registry import Groups
from sim.cluster.coordinators.groups.shard import GroupShard
from sim.mutants.planting import STORY_OF_GROUPS, Mutant

if TYPE_CHECKING:
    from sim.cluster.coordinators.shard import Ground


class _Hasty(ConsumerGroup):
    """Does not ask who has what."""

    def owned(self) -> frozenset[tuple[bytes, int]]:
        return frozenset()


class _HastyGroups(Groups):
    """Makes such groups."""

    def get_or_make_consumer(self, group_id: str) -> ConsumerGroup:
        group = self.consumer(group_id)
        if group is None:
            group = _Hasty(group_id, self._ground.timeline)
            self.put(group)
        return group


class _Shard(GroupShard):
    def __init__(self, ground: Ground, groups: Groups | None = None) -> None:
        super().__init__(ground, groups or _HastyGroups(ground))


PARTITION_GIVEN_BEFORE_REVOKED = Mutant(
    "partition_given_before_revoked",
    "a partition is assigned to a member of a group before the one that had it has given it up",
    group_shard=_Shard,
    story=STORY_OF_GROUPS,
)
