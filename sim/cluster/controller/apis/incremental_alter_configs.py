"""IncrementalAlterConfigs at the controller: each resource for itself, all of its changes or none (KIP-339)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.incremental_alter_configs import (
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from sim.cluster.controller.altering import alter, refusal_to_alter
from sim.cluster.envelope import RefusedError
from sim.cluster.setting_changes import Change, Operation

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.rights import Asker


def handle(
    decisions: Decisions, wanted: IncrementalAlterConfigsRequest, asker: Asker
) -> IncrementalAlterConfigsResponse:
    """Alter what can be, unless it is only to be validated. Raises RefusedError for an operation that there is none of.

    Kafka's controller falls over that one, and so over all resources of the request.
    """
    if any(config.config_operation not in tuple(Operation) for one in wanted.resources for config in one.configs):
        raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    responses = []
    for kind, name, configs in wanted.resources:
        changes = tuple(Change(*config) for config in configs)
        refusal = refusal_to_alter(decisions.rights, asker, kind, name) or alter(
            decisions, kind, name, changes, is_real=not wanted.validate_only
        )
        responses.append(AlterConfigsResourceResponse(*refusal, kind, name))
    decisions.metadata.commit()
    return IncrementalAlterConfigsResponse(responses=tuple(responses))
