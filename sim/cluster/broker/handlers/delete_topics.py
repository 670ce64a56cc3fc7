"""DeleteTopics 1 to 6: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.delete_topics import DeletableTopicResult, DeleteTopicsRequest, DeleteTopicsResponse
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(DeleteTopicsRequest), _refused)


def _refused(wanted: DeleteTopicsRequest, refusal: Refusal) -> DeleteTopicsResponse:
    named = [(name, b"") for name in wanted.topic_names] + [(one.name, one.topic_id) for one in wanted.topics]
    return DeleteTopicsResponse(
        responses=tuple(
            DeletableTopicResult(name, topic_id or bytes(16), refusal.code, refusal.message) for name, topic_id in named
        )
    )
