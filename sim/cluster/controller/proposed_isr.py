"""Whether the controller takes the ISR that a leader proposes (Kafka's ReplicationControlManager.validateAlterPartitionData)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.messages import NO_EPOCH, AlterPartition, IsrMember
from sim.cluster.metadata_states import PartitionState

if TYPE_CHECKING:
    from sim.cluster.controller.metadata_log import MetadataLog


def refusal(message: AlterPartition, state: PartitionState | None, log: MetadataLog) -> Code:
    """Say why not, in Kafka's order; NONE if nothing speaks against it. `state` is the partition's, if there is one."""
    if not log.is_registered(message.broker, message.broker_epoch):
        return Code.STALE_BROKER_EPOCH
    topic = log.topics.get(message.tp.topic)
    if topic is None or topic.topic_id != message.topic_id:
        return Code.UNKNOWN_TOPIC_ID
    if state is None:
        return Code.UNKNOWN_TOPIC_OR_PARTITION
    if message.leader_epoch > state.leader_epoch or message.partition_epoch > state.partition_epoch:
        return Code.NOT_CONTROLLER
    if message.leader_epoch < state.leader_epoch:
        return Code.FENCED_LEADER_EPOCH
    if message.broker != state.leader:
        return Code.INVALID_REQUEST
    if message.partition_epoch < state.partition_epoch:
        return Code.INVALID_UPDATE_VERSION
    isr = [member.broker for member in message.isr]
    if message.broker not in isr or not all(replica in state.replicas for replica in isr):
        return Code.INVALID_REQUEST
    if not all(_is_eligible(member, log) for member in message.isr):
        return Code.INELIGIBLE_REPLICA
    return Code.NONE


def _is_eligible(member: IsrMember, log: MetadataLog) -> bool:
    """Whether it is registered, not fenced, and still the same registration (ineligibleReplicasForIsr).

    An unknown epoch passes: only who is in the ISR already can have one, and whoever leaves it moves the partition epoch, on
    which the proposal then fails. Nobody asks about log directories: who is in one that failed lags before long.
    """
    broker, broker_epoch = member
    return log.is_active(broker) and (broker_epoch == NO_EPOCH or log.is_registered(broker, broker_epoch))
