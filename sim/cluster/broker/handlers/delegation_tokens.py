"""What the four APIs of delegation tokens come to: there is no master key here, so there are none (KIP-48)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.security.listeners import SecurityProtocol
from sim.cluster.security.principal import ANONYMOUS

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

ERROR_TIMESTAMP_MS = -1
"""What a broker that refuses by itself says of a token's times (DelegationTokenManager.ErrorTimestamp)."""


def refusal_of(broker: ServingBroker, request: Request) -> Code:
    """Why nothing can be done about tokens: over that connection, or anywhere (KafkaApis.allowTokenRequests, then the controller)."""
    protocol = broker.config.listeners[request.listener].protocol
    is_nameless = protocol is SecurityProtocol.SSL and request.principal == ANONYMOUS
    if protocol is SecurityProtocol.PLAINTEXT or is_nameless:
        return Code.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
    return Code.DELEGATION_TOKEN_AUTH_DISABLED
