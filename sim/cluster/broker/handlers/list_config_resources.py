"""ListConfigResources 0 and 1: what can have settings of its own; version 0 asks for client metrics alone (KIP-1142)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.list_config_resources import (
    ConfigResource,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
)
from sim.cluster.config_resources import ResourceType
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_TYPES_SINCE = 1


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(ListConfigResourcesRequest)
    if not broker.rights.allows_on_cluster(request, Operation.DESCRIBE_CONFIGS):
        request.respond(ListConfigResourcesResponse(error_code=Code.CLUSTER_AUTHORIZATION_FAILED))
        return
    types = wanted.resource_types or tuple(ResourceType)
    if request.version < _TYPES_SINCE:
        types = (ResourceType.CLIENT_METRICS,)
    if any(kind not in tuple(ResourceType) for kind in types):
        request.respond(ListConfigResourcesResponse(error_code=Code.UNSUPPORTED_VERSION))
        return
    found = [ConfigResource(name, kind) for kind in dict.fromkeys(types) for name in _names(broker, ResourceType(kind))]
    request.respond(ListConfigResourcesResponse(config_resources=tuple(found)))


def _names(broker: ServingBroker, kind: ResourceType) -> tuple[str, ...]:
    """Give the resources of one kind. Groups and client metrics are there as long as something is set for them."""
    match kind:
        case ResourceType.TOPIC:
            return tuple(broker.image.topics)
        case ResourceType.BROKER | ResourceType.BROKER_LOGGER:
            return tuple(str(number) for number in sorted(broker.image.brokers) if broker.image.is_alive(number))
        case ResourceType.CLIENT_METRICS | ResourceType.GROUP:
            return tuple(
                name for (of, name), known in sorted(broker.image.resources.items()) if of == kind and known.settings
            )
