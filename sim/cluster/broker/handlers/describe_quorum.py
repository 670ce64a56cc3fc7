"""DescribeQuorum 0 to 2: passed on to the controller that leads the quorum (KIP-595, KIP-836)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.describe_quorum import DescribeQuorumRequest, DescribeQuorumResponse
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(DescribeQuorumRequest), _refused)


def _refused(_wanted: DescribeQuorumRequest, refusal: Refusal) -> DescribeQuorumResponse:
    return DescribeQuorumResponse(refusal.code, refusal.message)
