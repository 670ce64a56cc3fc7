"""What requests about groups have in common: who asks, and rules of faults that answer in place of the coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.api import ApiKey
from sim.cluster.coordinators.groups.classic_member import Caller

if TYPE_CHECKING:
    from producer.errors import Code
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker


def caller_of(request: Request) -> Caller:
    """Give who asks; its address as Java writes one. No client id is as good as an empty one."""
    return Caller(request.client_id or "", f"/{request.client}", request.version)


def error_instead(broker: ServingBroker, request: Request) -> Code | None:
    """Give the error that a fault answers with, if any."""
    if not broker.tampering:
        return None
    return broker.tampering.error_instead(ApiKey(request.api), request.client, None)
