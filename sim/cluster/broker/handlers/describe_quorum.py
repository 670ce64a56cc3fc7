"""DescribeQuorum 0 to 2: passed on to the controller that leads the quorum (KIP-595, KIP-836)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.wire.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    QuorumPartitionResponse,
)
from producer.wire.schema import ZERO_ID
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


_DIRECTORIES_AND_NODES_SINCE = 2


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    made_whole = partial(_of_version, request.version)
    forward(broker, request, request.decode(DescribeQuorumRequest), _refused, made_whole=made_whole)


def _of_version(version: int, answer: DescribeQuorumResponse) -> DescribeQuorumResponse:
    """Where controllers listen, and in which directories their log is kept, is told since version 2."""
    if version >= _DIRECTORIES_AND_NODES_SINCE:
        return answer
    topics = [topic._replace(partitions=tuple(map(_without_directories, topic.partitions))) for topic in answer.topics]
    return answer._replace(topics=tuple(topics), nodes=())


def _without_directories(told: QuorumPartitionResponse) -> QuorumPartitionResponse:
    observers = [one._replace(replica_directory_id=ZERO_ID) for one in told.observers]
    return told._replace(observers=tuple(observers))


def _refused(_wanted: DescribeQuorumRequest, refusal: Refusal) -> DescribeQuorumResponse:
    return DescribeQuorumResponse(refusal.code, refusal.message)
