"""ElectLeaders 0 to 2: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(ElectLeadersRequest), _refused)


def _refused(wanted: ElectLeadersRequest, refusal: Refusal) -> ElectLeadersResponse:
    results = tuple(
        ReplicaElectionResult(topic, tuple(PartitionResult(number, *refusal) for number in partitions))
        for topic, partitions in wanted.topic_partitions or ()
    )
    return ElectLeadersResponse(error_code=refusal.code, replica_election_results=results)
