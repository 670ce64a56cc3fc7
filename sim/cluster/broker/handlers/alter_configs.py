"""AlterConfigs 0 to 2: all settings of a resource anew; looked at here, then passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from sim.cluster.broker.handlers.altered_configs import Way, alter
from sim.cluster.setting_changes import Change, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    alter(broker, request, request.decode(AlterConfigsRequest), _WAY)


def changes_of(resource: AlterConfigsResource) -> tuple[Change, ...]:
    """What a resource of a request is to become."""
    return tuple(Change(name, Operation.SET, value) for name, value in resource.configs)


def _only(wanted: AlterConfigsRequest, resources: Sequence[AlterConfigsResource]) -> AlterConfigsRequest:
    return wanted._replace(resources=tuple(resources))


_WAY = Way(
    changes_of,
    has_loggers=False,
    is_whole=True,
    result=AlterConfigsResourceResponse,
    response=AlterConfigsResponse,
    only=_only,
)
