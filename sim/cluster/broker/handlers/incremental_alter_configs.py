"""IncrementalAlterConfigs 0 and 1: single settings change; looked at here, then passed on to the controller (KIP-339)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.incremental_alter_configs import (
    AlterConfigsResource,
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from sim.cluster.broker.handlers.altered_configs import Way, alter
from sim.cluster.setting_changes import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    alter(broker, request, request.decode(IncrementalAlterConfigsRequest), _WAY)


def changes_of(resource: AlterConfigsResource) -> tuple[Change, ...]:
    """What a resource of a request is to become."""
    return tuple(Change(*config) for config in resource.configs)


def _only(
    wanted: IncrementalAlterConfigsRequest, resources: Sequence[AlterConfigsResource]
) -> IncrementalAlterConfigsRequest:
    return wanted._replace(resources=tuple(resources))


_WAY = Way(
    changes_of,
    has_loggers=True,
    is_whole=False,
    result=AlterConfigsResourceResponse,
    response=IncrementalAlterConfigsResponse,
    only=_only,
)
