"""ListGroups 0 to 5: the groups that this broker coordinates (KafkaApis.handleListGroupsRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.codec import encode
from producer.wire.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from sim.cluster.broker.handlers.groups import error_instead
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(ListGroupsRequest)
    error = error_instead(broker, request)
    if error is not None:
        response = ListGroupsResponse(error_code=error)
    else:
        try:
            response = ListGroupsResponse(groups=broker.groups.list_groups(wanted.states_filter, wanted.types_filter))
        except CoordinatorError as refusal:
            response = ListGroupsResponse(error_code=refusal.code)
    request.answer(encode(response, request.version))
