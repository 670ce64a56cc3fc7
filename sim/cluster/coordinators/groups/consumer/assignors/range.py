"""`range`: of each topic every member has a run of partitions, the first members one more; as the classic protocol's (RangeAssignor).

Topics with equally many partitions are cut at the same places, so who joins two topics by key finds both halves with one member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec, MemberSpec


def assign(group: GroupSpec) -> dict[str, Assignment]:
    """Give what each member shall have."""
    members = sorted(group.members, key=_rank)
    assigned: dict[str, dict[bytes, tuple[int, ...]]] = {member.member_id: {} for member in members}
    for topic_id, partitions in group.partitions.items():
        readers = [member for member in members if topic_id in member.topic_ids]
        first = 0
        for number, member in enumerate(readers):
            size = partitions // len(readers) + (number < partitions % len(readers))
            if size:
                assigned[member.member_id][topic_id] = tuple(range(first, first + size))
            first += size
    return dict(assigned)


def _rank(member: MemberSpec) -> tuple[bool, str]:
    """Static members come first, by their names, so that one that comes back has the same run."""
    return member.instance_id is None, member.instance_id or member.member_id
