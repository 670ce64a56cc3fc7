"""CreateTopics 2 to 7: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.create_topics import CreatableTopicResult, CreateTopicsRequest, CreateTopicsResponse
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(CreateTopicsRequest), _refused)


def _refused(wanted: CreateTopicsRequest, refusal: Refusal) -> CreateTopicsResponse:
    return CreateTopicsResponse(
        topics=tuple(
            CreatableTopicResult(topic.name, error_code=refusal.code, error_message=refusal.message)
            for topic in wanted.topics
        )
    )
