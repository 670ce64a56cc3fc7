"""ExpireDelegationToken 1 to 2: refused, as there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from sim.cluster.broker.handlers.delegation_tokens import ERROR_TIMESTAMP_MS, refusal_of

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    request.decode(ExpireDelegationTokenRequest)
    code = refusal_of(broker, request)
    time_ms = 0 if code is Code.DELEGATION_TOKEN_AUTH_DISABLED else ERROR_TIMESTAMP_MS
    request.respond(ExpireDelegationTokenResponse(code, time_ms))
