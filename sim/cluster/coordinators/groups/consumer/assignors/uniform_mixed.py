"""`uniform` for members who do not all read the same: nobody could take a partition from somebody who has two more.

Balance comes before keeping what one has, as in Kafka's UniformHeterogeneousAssignmentBuilder; which of several equally
balanced assignments is found may differ from Kafka's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec


def assign(group: GroupSpec) -> dict[str, Assignment]:
    """Give what each member shall have."""
    mixed = _Mixed(group)
    mixed.keep()
    mixed.share_out()
    while mixed.level():
        # Each move brings two sizes nearer to each other, so this ends.
        pass
    return mixed.assignment()


class _Mixed:
    def __init__(self, group: GroupSpec) -> None:
        self._group = group
        self._readers = {
            topic_id: [member.member_id for member in group.members if topic_id in member.topic_ids]
            for topic_id in group.partitions
        }
        self._size = {member.member_id: 0 for member in group.members}
        self._owner: dict[tuple[bytes, int], str] = {}

    def keep(self) -> None:
        """Let everybody keep what it has and still reads."""
        for member in self._group.members:
            for topic_id, partitions in member.assigned.items():
                for partition in partitions:
                    if topic_id in member.topic_ids and partition < self._group.partitions[topic_id]:
                        self._give((topic_id, partition), member.member_id)

    def share_out(self) -> None:
        """Give what nobody has to who has least; first the topics of which each reader has most to take."""
        topics = sorted(
            self._group.partitions, key=lambda topic_id: (-self._load(topic_id), len(self._readers[topic_id]), topic_id)
        )
        for topic_id in topics:
            for partition in range(self._group.partitions[topic_id]):
                if (topic_id, partition) not in self._owner:
                    self._give((topic_id, partition), self._least(topic_id))

    def level(self) -> bool:
        """Move partitions from who has more to who has at least two less. Returns whether any was moved."""
        is_moved = False
        for place in sorted(self._owner):
            owner, least = self._owner[place], self._least(place[0])
            if self._size[owner] > self._size[least] + 1:
                self._size[owner] -= 1
                self._give(place, least)
                is_moved = True
        return is_moved

    def assignment(self) -> dict[str, Assignment]:
        """Give what came of it."""
        assigned: dict[str, dict[bytes, list[int]]] = {member.member_id: {} for member in self._group.members}
        for (topic_id, partition), member_id in sorted(self._owner.items()):
            assigned[member_id].setdefault(topic_id, []).append(partition)
        return {
            member_id: {topic_id: tuple(partitions) for topic_id, partitions in topics.items()}
            for member_id, topics in assigned.items()
        }

    def _load(self, topic_id: bytes) -> float:
        return self._group.partitions[topic_id] / len(self._readers[topic_id])

    def _least(self, topic_id: bytes) -> str:
        return min(self._readers[topic_id], key=lambda member_id: self._size[member_id])

    def _give(self, place: tuple[bytes, int], member_id: str) -> None:
        self._owner[place] = member_id
        self._size[member_id] += 1
