"""DescribeGroups 0 to 6: groups of the classic protocol, each with an error of its own (KafkaApis.handleDescribeGroupsRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.describe_groups import DescribedGroup, DescribeGroupsRequest, DescribeGroupsResponse
from sim.cluster.broker.handlers.groups import group_error
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_OPERATIONS_SINCE = 3


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeGroupsRequest)
    are_told = request.version >= _OPERATIONS_SINCE and wanted.include_authorized_operations
    groups = [_described(broker, request, group_id, are_told=are_told) for group_id in wanted.groups]
    request.respond(DescribeGroupsResponse(groups=tuple(groups)))


def _described(broker: ServingBroker, request: Request, group_id: str, *, are_told: bool) -> DescribedGroup:
    error = group_error(broker, request, Operation.DESCRIBE, group_id)
    if error is not None:
        return DescribedGroup(error_code=error, group_id=group_id)
    try:
        group = broker.groups.describe(group_id, request.version)
    except CoordinatorError as refusal:
        return DescribedGroup(error_code=refusal.code, group_id=group_id)
    if are_told and group.error_code == Code.NONE:
        operations = broker.rights.operations(request, ResourceKind.GROUP, group_id)
        return group._replace(authorized_operations=operations)
    return group
