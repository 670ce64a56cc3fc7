"""ListGroups 0 to 5: the groups that this broker coordinates (KafkaApis.handleListGroupsRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from sim.cluster.broker.handlers.groups import error_instead
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from producer.wire.messages.list_groups import ListedGroup
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(ListGroupsRequest)
    error = error_instead(broker, request)
    if error is not None:
        response = ListGroupsResponse(error_code=error)
    else:
        try:
            groups = broker.groups.list_groups(wanted.states_filter, wanted.types_filter)
            response = ListGroupsResponse(groups=_visible(broker, request, groups))
        except CoordinatorError as refusal:
            response = ListGroupsResponse(error_code=refusal.code)
    request.respond(response)


def _visible(broker: ServingBroker, request: Request, groups: tuple[ListedGroup, ...]) -> tuple[ListedGroup, ...]:
    """Who may describe the cluster sees every group, others those that they may describe."""
    rights = broker.rights
    if rights.allows_on_cluster(request, Operation.DESCRIBE, is_told=False):
        return groups
    names = [group.group_id for group in groups]
    hidden = rights.refused(request, Operation.DESCRIBE, ResourceKind.GROUP, names, is_told=False)
    return tuple([group for group in groups if group.group_id not in hidden])
