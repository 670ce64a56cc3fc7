"""DescribeQuorum 0 to 2: passed on to the controller that leads the quorum (KIP-595, KIP-836)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.wire.messages.describe_quorum import DescribeQuorumRequest, DescribeQuorumResponse
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


_NODES_SINCE = 2


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    made_whole = partial(_of_version, request.version)
    forward(broker, request, request.decode(DescribeQuorumRequest), _refused, made_whole=made_whole)


def _of_version(version: int, answer: DescribeQuorumResponse) -> DescribeQuorumResponse:
    """Where controllers listen is told since version 2."""
    return answer if version >= _NODES_SINCE else answer._replace(nodes=())


def _refused(_wanted: DescribeQuorumRequest, refusal: Refusal) -> DescribeQuorumResponse:
    return DescribeQuorumResponse(refusal.code, refusal.message)
