"""What requests about transactions have in common: what an older client is told of being shut out, and faults that answer instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def told_to(request: Request, code: Code, *, fenced_since: int) -> Code:
    """Give the code that a client understands: before that version PRODUCER_FENCED was INVALID_PRODUCER_EPOCH (KIP-588)."""
    if code is Code.PRODUCER_FENCED and request.version < fenced_since:
        return Code.INVALID_PRODUCER_EPOCH
    return code


def id_error(broker: ServingBroker, request: Request, operation: Operation, transactional_id: str) -> Code | None:
    """Give the error that a request about one transactional id is answered with, if any: a fault's, or that it is not allowed."""
    error = error_instead(broker, request)
    if error is None and not broker.rights.allows(request, operation, ResourceKind.TRANSACTIONAL_ID, transactional_id):
        return Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    return error


def error_instead(broker: ServingBroker, request: Request) -> Code | None:
    """Give the error that a fault answers with, if any."""
    if not broker.tampering:
        return None
    return broker.tampering.error_instead(ApiKey(request.api), request.client, None)
