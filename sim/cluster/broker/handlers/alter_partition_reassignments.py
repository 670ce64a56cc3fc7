"""AlterPartitionReassignments 0 and 1: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartitionResponse,
    ReassignableTopicResponse,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(AlterPartitionReassignmentsRequest), _refused)


def _refused(wanted: AlterPartitionReassignmentsRequest, refusal: Refusal) -> AlterPartitionReassignmentsResponse:
    return AlterPartitionReassignmentsResponse(
        error_code=refusal.code,
        error_message=refusal.message,
        responses=tuple(
            ReassignableTopicResponse(
                name, tuple(ReassignablePartitionResponse(one.partition_index, *refusal) for one in partitions)
            )
            for name, partitions in wanted.topics
        ),
    )
