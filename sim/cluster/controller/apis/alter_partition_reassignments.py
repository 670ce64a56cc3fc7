"""AlterPartitionReassignments at the controller: each partition for itself (KIP-455, KIP-860)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.controller.assignment import check_assignment
from sim.cluster.controller.reassignment import placement_of
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.metadata_states import PartitionState


def handle(decisions: Decisions, wanted: AlterPartitionReassignmentsRequest) -> AlterPartitionReassignmentsResponse:
    """Begin, turn or cancel moves. Raises RefusedError for the whole of a request."""
    if not wanted.topics:
        return AlterPartitionReassignmentsResponse(error_message="")
    check_deadline(wanted.timeout_ms)
    may_resize = wanted.allow_replication_factor_change
    responses = tuple(
        ReassignableTopicResponse(
            name, tuple(_alter(decisions, name, one, may_resize=may_resize) for one in partitions)
        )
        for name, partitions in wanted.topics
    )
    decisions.metadata.commit()
    return AlterPartitionReassignmentsResponse(
        allow_replication_factor_change=may_resize,
        error_message=None,
        responses=responses,
    )


def _alter(
    decisions: Decisions, topic: str, asked: ReassignablePartition, *, may_resize: bool
) -> ReassignablePartitionResponse:
    try:
        state = _state(decisions, topic, asked.partition_index)
        if asked.replicas is None:
            decisions.replication.cancel_reassignment(state)
        else:
            check_assignment(decisions.metadata, asked.replicas, None)
            if not may_resize:
                _check_size(state, asked.replicas)
            decisions.replication.reassign(state, asked.replicas)
    except RefusedError as error:
        return ReassignablePartitionResponse(asked.partition_index, *error.refusal)
    return ReassignablePartitionResponse(asked.partition_index, error_message=None)


def _state(decisions: Decisions, topic: str, index: int) -> PartitionState:
    if topic not in decisions.metadata.topics:
        raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION, f"There is no topic {topic!r}.")
    state = decisions.metadata.partitions.get(TopicPartition(topic, index))
    if state is None:
        raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION, f"There is no partition {topic}:{index}.")
    return state


def _check_size(state: PartitionState, replicas: tuple[int, ...]) -> None:
    before = len(placement_of(state).target)
    if len(replicas) != before:
        text = f"The replication factor would change from {before} to {len(replicas)}."
        raise RefusedError(Code.INVALID_REPLICATION_FACTOR, text)
