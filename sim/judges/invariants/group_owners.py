"""Group owners: by what is committed in `__consumer_offsets`, no partition has two owners in a group.

By the consumer protocol (KIP-848) a member owns what it was assigned and what it has yet to give up; by the classic one what its
leader assigned in the generation. The records of one batch are one step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import MalformedError
from producer.records import TopicPartition
from sim.cluster.coordinators.groups.consumer.record_kinds import CURRENT_ASSIGNMENT
from sim.cluster.coordinators.groups.consumer_protocol import read_assignment
from sim.cluster.coordinators.groups.record_kinds import GROUP_METADATA
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.invariants.group_records import GroupRecords
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import HighWatermarkAdvanced

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.judges.invariants.chronicle import Chronicle

Place = tuple[str, int]
"""A topic, by its name or its id as the record has it, and a partition."""


class GroupOwners(Invariant):
    """Knows what each member of each group has, by the records; stands behind what notes what is committed."""

    NAME = "group owners"
    PROMISE = "by what is committed in __consumer_offsets, a partition has one owner in a group at most"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._records = GroupRecords(chronicle)
        self._owned: dict[str, dict[str, list[Place]]] = {}
        """Group -> member -> what it has."""

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {HighWatermarkAdvanced: self._advanced}

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        if event.topic == CONSUMER_OFFSETS:
            self._read(TopicPartition(event.topic, event.partition))

    def look(self) -> None:
        for state in self.chronicle.states():
            self._read(state.tp)

    def _read(self, tp: TopicPartition) -> None:
        for records in self._records.new(tp):
            changed: dict[str, None] = {}
            for number, key, value in records:
                group = self._take(number, key, value)
                if group:
                    changed[group] = None
            for group in changed:
                self._check(group)

    def _take(self, number: int, key: bytes, value: bytes | None) -> str:
        """Take a record. Gives the group whose members have something else now."""
        if number == CURRENT_ASSIGNMENT.number:
            named = CURRENT_ASSIGNMENT.read_key(key)
            group: str = named.group_id
            members = self._owned.setdefault(group, {})
            members.pop(named.member_id, None)
            if value is not None:
                told = CURRENT_ASSIGNMENT.read_value(value)
                members[named.member_id] = [
                    (one.topic_id.hex(), partition)
                    for one in (*told.assigned_partitions, *told.partitions_pending_revocation)
                    for partition in one.partitions
                ]
            return group
        if number == GROUP_METADATA.number:
            group = GROUP_METADATA.read_key(key).group
            generation = () if value is None else GROUP_METADATA.read_value(value).members
            self._owned[group] = {one.member_id: _assigned(one.assignment) for one in generation}
            return group
        return ""

    def _check(self, group: str) -> None:
        owners: dict[Place, str] = {}
        for member, places in self._owned[group].items():
            for place in places:
                other = owners.setdefault(place, member)
                if other != member:
                    self.breach(f"group {group}: {place[0]}-{place[1]} is {other}'s, and {member}'s")


def _assigned(assignment: bytes) -> list[Place]:
    if not assignment:
        return []
    try:
        told = read_assignment(assignment)
    except MalformedError:
        return []  # other groups than consumers' have words of their own
    return [(topic.topic, partition) for topic in told.assigned_partitions for partition in topic.partitions]
