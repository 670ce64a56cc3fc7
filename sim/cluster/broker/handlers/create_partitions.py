"""CreatePartitions 0 to 3: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopicResult,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(CreatePartitionsRequest), _refused)


def _refused(wanted: CreatePartitionsRequest, refusal: Refusal) -> CreatePartitionsResponse:
    names = dict.fromkeys(topic.name for topic in wanted.topics)
    return CreatePartitionsResponse(results=tuple(CreatePartitionsTopicResult(name, *refusal) for name in names))
