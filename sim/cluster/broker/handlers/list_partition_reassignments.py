"""ListPartitionReassignments 0: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(ListPartitionReassignmentsRequest), _refused)


def _refused(_wanted: ListPartitionReassignmentsRequest, refusal: Refusal) -> ListPartitionReassignmentsResponse:
    return ListPartitionReassignmentsResponse(error_code=refusal.code, error_message=refusal.message)
