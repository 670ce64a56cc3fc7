"""DescribeAcls 1 to 3: the rules as this broker knows them; nothing is asked of the controller (AclApis.handleDescribeAcls)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, MalformedError
from producer.wire.messages.describe_acls import (
    AclDescription,
    DescribeAclsRequest,
    DescribeAclsResource,
    DescribeAclsResponse,
)
from sim.cluster.security.acls.kinds import Operation
from sim.cluster.security.acls.wire import filter_of, has_zero_filter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.security.acls.acl import Acl


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer. Raises MalformedError for a filter with a 0 in it, which nobody can mean."""
    wanted = request.decode(DescribeAclsRequest)
    if has_zero_filter(wanted):
        raise MalformedError(f"a filter of ACLs has a number of 0, which is UNKNOWN: {wanted}")
    if not broker.rights.allows_on_cluster(request, Operation.DESCRIBE):
        text = f"{request.principal} may not DESCRIBE the cluster."
        request.respond(DescribeAclsResponse(error_code=Code.CLUSTER_AUTHORIZATION_FAILED, error_message=text))
    elif not broker.rights.is_enforced:
        text = "No Authorizer is configured on the broker"
        request.respond(DescribeAclsResponse(error_code=Code.SECURITY_DISABLED, error_message=text))
    else:
        found = broker.image.acls.matching(filter_of(wanted))
        request.respond(DescribeAclsResponse(resources=_by_pattern(found)))


def _by_pattern(acls: Iterable[Acl]) -> tuple[DescribeAclsResource, ...]:
    found: dict[tuple[int, str, int], list[AclDescription]] = {}
    for acl in acls:
        entry = AclDescription(acl.principal, acl.host, acl.operation, acl.permission)
        found.setdefault((acl.kind, acl.name, acl.pattern), []).append(entry)
    return tuple([DescribeAclsResource(*pattern, tuple(told)) for pattern, told in found.items()])
