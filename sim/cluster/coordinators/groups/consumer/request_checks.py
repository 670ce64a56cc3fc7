"""What a ConsumerGroupHeartbeat must say, and must not, before any group is looked at.

Kafka: GroupCoordinatorService.throwIfConsumerGroupHeartbeatRequestIsInvalid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.groups.consumer.assignors import ASSIGNORS
from sim.cluster.coordinators.groups.consumer.member import JOINING_EPOCH, LEFT_EPOCH, LEFT_FOR_A_WHILE_EPOCH
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest

_OWN_MEMBER_ID_SINCE = 1
"""Members choose their ids."""


def check_heartbeat(wanted: ConsumerGroupHeartbeatRequest, version: int) -> None:
    """Raise INVALID_REQUEST or UNSUPPORTED_ASSIGNOR, with a text, unless it can be taken."""
    epoch = wanted.member_epoch
    if version >= _OWN_MEMBER_ID_SINCE or epoch > JOINING_EPOCH or epoch == LEFT_EPOCH:
        _check_not_empty(wanted.member_id, "MemberId")
    _check_not_empty(wanted.group_id, "GroupId")
    _check_not_empty(wanted.instance_id, "InstanceId")
    _check_not_empty(wanted.rack_id, "RackId")
    if epoch == JOINING_EPOCH:
        _check_join(wanted)
    elif epoch == LEFT_FOR_A_WHILE_EPOCH:
        if wanted.instance_id is None:
            raise _invalid("InstanceId can't be null.")
    elif epoch < LEFT_FOR_A_WHILE_EPOCH:
        raise _invalid("MemberEpoch is invalid.")
    if wanted.server_assignor is not None and wanted.server_assignor not in ASSIGNORS:
        supported = ", ".join(ASSIGNORS)
        text = f"ServerAssignor {wanted.server_assignor} is not supported. Supported assignors: {supported}."
        raise CoordinatorError(Code.UNSUPPORTED_ASSIGNOR, text)


def _check_join(wanted: ConsumerGroupHeartbeatRequest) -> None:
    if wanted.rebalance_timeout_ms == -1:
        raise _invalid("RebalanceTimeoutMs must be provided in first request.")
    if wanted.topic_partitions is None or wanted.topic_partitions:
        raise _invalid("TopicPartitions must be empty when (re-)joining.")
    if wanted.subscribed_topic_names is None and wanted.subscribed_topic_regex is None:
        raise _invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")


def _check_not_empty(value: str | None, name: str) -> None:
    if value is not None and not value.strip():
        raise _invalid(f"{name} can't be empty.")


def _invalid(text: str) -> CoordinatorError:
    return CoordinatorError(Code.INVALID_REQUEST, text)
