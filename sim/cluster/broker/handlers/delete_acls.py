"""DeleteAcls 1 to 3: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import MalformedError
from producer.wire.messages.delete_acls import DeleteAclsFilterResult, DeleteAclsRequest, DeleteAclsResponse
from sim.cluster.broker.handlers.forwarded import forward
from sim.cluster.security.acls.wire import has_zero_filter

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has. Raises MalformedError for a filter with a 0 in it, which nobody can mean."""
    wanted = request.decode(DeleteAclsRequest)
    odd = next((one for one in wanted.filters if has_zero_filter(one)), None)
    if odd is not None:
        raise MalformedError(f"a filter of ACLs has a number of 0, which is UNKNOWN: {odd}")
    forward(broker, request, wanted, _refused)


def _refused(wanted: DeleteAclsRequest, refusal: Refusal) -> DeleteAclsResponse:
    return DeleteAclsResponse(filter_results=tuple([DeleteAclsFilterResult(*refusal)] * len(wanted.filters)))
