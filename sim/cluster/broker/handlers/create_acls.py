"""CreateAcls 1 to 3: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import MalformedError
from producer.wire.messages.create_acls import AclCreationResult, CreateAclsRequest, CreateAclsResponse
from sim.cluster.broker.handlers.forwarded import forward
from sim.cluster.security.acls.wire import has_zero

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has. Raises MalformedError for a rule with a 0 in it, which nobody can mean."""
    wanted = request.decode(CreateAclsRequest)
    odd = next((one for one in wanted.creations if has_zero(one)), None)
    if odd is not None:
        raise MalformedError(f"an ACL has a number of 0, which is UNKNOWN: {odd}")
    forward(broker, request, wanted, _refused)


def _refused(wanted: CreateAclsRequest, refusal: Refusal) -> CreateAclsResponse:
    return CreateAclsResponse(results=tuple([AclCreationResult(*refusal)] * len(wanted.creations)))
