"""ElectLeaders 0 to 2: passed on to the controller."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.wire.messages.elect_leaders import (
    ElectLeadersRequest,
    ElectLeadersResponse,
    PartitionResult,
    ReplicaElectionResult,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(ElectLeadersRequest), partial(_refused, request.version))


def _refused(version: int, wanted: ElectLeadersRequest, refusal: Refusal) -> ElectLeadersResponse:
    results = tuple(
        ReplicaElectionResult(topic, tuple(PartitionResult(number, *refusal) for number in partitions))
        for topic, partitions in wanted.topic_partitions or ()
    )
    # Version 0 has no error of the whole: each partition tells it, and who asked for all of them hears of none (as in Kafka).
    return ElectLeadersResponse(error_code=refusal.code if version else 0, replica_election_results=results)
