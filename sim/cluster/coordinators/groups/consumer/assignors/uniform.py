"""`uniform`: everybody has equally many partitions, give or take one, and keeps what it has as far as that goes (UniformAssignor)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.assignors import uniform_mixed

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec, MemberSpec


def assign(group: GroupSpec) -> dict[str, Assignment]:
    """Give what each member shall have."""
    if not group.members or not group.partitions:
        return {member.member_id: {} for member in group.members}
    return _Shares(group).assign() if group.are_alike else uniform_mixed.assign(group)


class _Shares:
    """All members read the same: each has its share of the whole, and some have one more."""

    def __init__(self, group: GroupSpec) -> None:
        self._group = group
        total = sum(group.partitions.values())
        self._quota, self._extra = divmod(total, len(group.members))
        self._assigned: dict[str, dict[bytes, list[int]]] = {member.member_id: {} for member in group.members}
        self._lacking: list[tuple[str, int]] = []
        """Members with how many partitions they have yet to get."""
        known = {place for member in group.members for place in _places(member.assigned)}
        self._free = [
            (topic_id, partition)
            for topic_id, count in group.partitions.items()
            for partition in range(count)
            if (topic_id, partition) not in known
        ]

    def assign(self) -> dict[str, Assignment]:
        for number, member in enumerate(self._group.members):
            self._keep(member, left=len(self._group.members) - number)
        free = iter(self._free)
        for member_id, lacking in self._lacking:
            assigned = self._assigned[member_id]
            for _, (topic_id, partition) in zip(range(lacking), free, strict=False):
                assigned.setdefault(topic_id, []).append(partition)
        return {
            member_id: {topic_id: tuple(sorted(partitions)) for topic_id, partitions in assigned.items()}
            for member_id, assigned in self._assigned.items()
        }

    def _keep(self, member: MemberSpec, *, left: int) -> None:
        """Let a member keep its share of what it has, and free the rest. `left` members have no share yet."""
        has_extra = self._extra > 0
        share = self._quota + has_extra
        for topic_id, partition in _places(member.assigned):
            if topic_id not in self._group.partitions:
                continue
            if share:
                share -= 1
                self._assigned[member.member_id].setdefault(topic_id, []).append(partition)
            else:
                self._free.append((topic_id, partition))
        if share and has_extra and left > self._extra:
            # Somebody who has one more already may keep it instead.
            share -= 1
            has_extra = False
        if share:
            self._lacking.append((member.member_id, share))
        self._extra -= has_extra


def _places(assigned: Assignment) -> list[tuple[bytes, int]]:
    return [(topic_id, partition) for topic_id, partitions in assigned.items() for partition in partitions]
