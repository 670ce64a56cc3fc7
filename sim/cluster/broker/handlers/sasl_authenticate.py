"""SaslAuthenticate 0 to 2 where nobody is to say who it is, or has said so already: refused (KafkaApis.handleSaslAuthenticateRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_TEXT = "SaslAuthenticate request received after successful authentication"


def handle(broker: ServingBroker, request: Request) -> None:  # noqa: ARG001 - nothing of it counts
    """Answer."""
    request.decode(SaslAuthenticateRequest)
    request.respond(SaslAuthenticateResponse(Code.ILLEGAL_SASL_STATE, _TEXT))
