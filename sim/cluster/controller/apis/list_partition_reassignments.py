"""ListPartitionReassignments at the controller: the moves that are under way (KIP-455)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from producer.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    OngoingPartitionReassignment,
    OngoingTopicReassignment,
)
from sim.cluster.controller.reassignment import placement_of

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: ListPartitionReassignmentsRequest) -> ListPartitionReassignmentsResponse:
    """List those that were asked for and do move; a partition that does not exist is left out as well."""
    states = decisions.metadata.partitions
    asked = (
        sorted(states)
        if wanted.topics is None
        else [TopicPartition(topic, number) for topic, numbers in wanted.topics for number in numbers]
    )
    moves: dict[str, list[OngoingPartitionReassignment]] = {}
    for tp in asked:
        state = states.get(tp)
        if state is not None and placement_of(state).is_moving:
            move = OngoingPartitionReassignment(tp.partition, *placement_of(state))
            moves.setdefault(tp.topic, []).append(move)
    topics = tuple(OngoingTopicReassignment(topic, tuple(found)) for topic, found in moves.items())
    return ListPartitionReassignmentsResponse(error_message=None, topics=topics)
