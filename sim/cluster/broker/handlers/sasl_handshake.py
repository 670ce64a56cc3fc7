"""SaslHandshake 0 to 1 where nobody is to say who it is, or has said so already: refused (KafkaApis.handleSaslHandshakeRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:  # noqa: ARG001 - nothing of it counts
    """Answer."""
    request.decode(SaslHandshakeRequest)
    request.respond(SaslHandshakeResponse(Code.ILLEGAL_SASL_STATE))
