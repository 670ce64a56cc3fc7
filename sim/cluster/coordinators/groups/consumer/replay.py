"""Records of groups by the consumer protocol into the state: at loading, and when an operation wrote them.

Kafka: GroupMetadataManager.replay, one method a kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cluster.coordinators.groups.consumer import record_kinds as kinds
from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_OWNED
from sim.cluster.coordinators.groups.consumer.consumer_group import GroupEpoch, TargetEpoch
from sim.cluster.coordinators.groups.consumer.member import LEFT_EPOCH, ConsumerMember
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.messages import RecordKind

_NOTHING_LEFT = TargetEpoch(-1, 0)
_STATES = {state.value: state for state in MemberState}


def replay(groups: Groups, number: int, key: bytes, value: bytes | None) -> None:
    """Take a record whose key says that number; kinds that are not known here are passed over."""
    found = _KINDS.get(number)
    if found is None:
        return
    kind, take = found
    read_key = kind.read_key(key)
    if value is None:
        group = groups.consumer(read_key.group_id)
        if group is not None:
            take(groups, group, read_key, None)
    else:
        take(groups, groups.get_or_make_consumer(read_key.group_id), read_key, kind.read_value(value))


def _metadata(groups: Groups, group: ConsumerGroup, _: Any, value: Any) -> None:
    if value is None:
        groups.remove(group.group_id)
    else:
        group.epoch.put(GroupEpoch(value.epoch, value.metadata_hash))


def _partition_metadata(_: Groups, group: ConsumerGroup, __: Any, value: Any) -> None:
    group.has_partition_metadata.put(value is not None)


def _member_metadata(_: Groups, group: ConsumerGroup, key: Any, value: Any) -> None:
    if value is None:
        group.remove(key.member_id)
        return
    before = group.find(key.member_id) or ConsumerMember(key.member_id)
    member = before._replace(
        instance_id=value.instance_id,
        rack_id=value.rack_id,
        rebalance_timeout_ms=value.rebalance_timeout_ms,
        client_id=value.client_id,
        client_host=value.client_host,
        topic_names=tuple(sorted(dict.fromkeys(value.subscribed_topic_names))),
        topic_regex=value.subscribed_topic_regex or "",
        server_assignor=value.server_assignor,
        classic=value.classic_member_metadata,
    )
    group.put(member)


def _target_metadata(_: Groups, group: ConsumerGroup, __: Any, value: Any) -> None:
    known = _NOTHING_LEFT if value is None else TargetEpoch(value.assignment_epoch, value.assignment_timestamp)
    group.target_epoch.put(known)


def _target_member(_: Groups, group: ConsumerGroup, key: Any, value: Any) -> None:
    assigned = (
        None if value is None else {one.topic_id: tuple(sorted(one.partitions)) for one in value.topic_partitions}
    )
    group.put_target(key.member_id, assigned)


def _current_assignment(_: Groups, group: ConsumerGroup, key: Any, value: Any) -> None:
    before = group.find(key.member_id)
    if value is None:
        if before is not None:
            gone = before._replace(
                member_epoch=LEFT_EPOCH, previous_epoch=LEFT_EPOCH, assigned=NOTHING_OWNED, revoking=NOTHING_OWNED
            )
            group.put(gone)
        return
    member = (before or ConsumerMember(key.member_id))._replace(
        member_epoch=value.member_epoch,
        previous_epoch=value.previous_member_epoch,
        state=_STATES.get(value.state, MemberState.UNKNOWN),
        assigned=kinds.owned_of(value.assigned_partitions, value.member_epoch),
        revoking=kinds.owned_of(value.partitions_pending_revocation, value.member_epoch),
    )
    group.put(member)


def _regular_expression(_: Groups, group: ConsumerGroup, key: Any, value: Any) -> None:
    resolved = None if value is None else Resolved(tuple(sorted(value.topics)), value.version, value.timestamp)
    group.put_resolved(key.regular_expression, resolved)


_KINDS: Mapping[int, tuple[RecordKind, Callable[[Groups, ConsumerGroup, Any, Any], None]]] = {
    kinds.METADATA.number: (kinds.METADATA, _metadata),
    kinds.PARTITION_METADATA.number: (kinds.PARTITION_METADATA, _partition_metadata),
    kinds.MEMBER_METADATA.number: (kinds.MEMBER_METADATA, _member_metadata),
    kinds.TARGET_METADATA.number: (kinds.TARGET_METADATA, _target_metadata),
    kinds.TARGET_MEMBER.number: (kinds.TARGET_MEMBER, _target_member),
    kinds.CURRENT_ASSIGNMENT.number: (kinds.CURRENT_ASSIGNMENT, _current_assignment),
    kinds.REGULAR_EXPRESSION.number: (kinds.REGULAR_EXPRESSION, _regular_expression),
}
"""By the number of the key: the kind, and who takes it; None for a tombstone."""
