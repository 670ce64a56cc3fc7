"""DescribeDelegationToken 1 to 3: refused, as there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.describe_delegation_token import (
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from sim.cluster.broker.handlers.delegation_tokens import refusal_of

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    request.decode(DescribeDelegationTokenRequest)
    request.respond(DescribeDelegationTokenResponse(refusal_of(broker, request)))
