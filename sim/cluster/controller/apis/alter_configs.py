"""AlterConfigs at the controller: each resource for itself; what is not named goes back to its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from sim.cluster.controller.altering import alter, refusal_to_alter
from sim.cluster.setting_changes import Change, Operation

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.security.rights import Asker


def handle(decisions: Decisions, wanted: AlterConfigsRequest, asker: Asker) -> AlterConfigsResponse:
    """Alter what can be, unless it is only to be validated."""
    responses = []
    for kind, name, configs in wanted.resources:
        changes = tuple(Change(config.name, Operation.SET, config.value) for config in configs)
        refusal = refusal_to_alter(decisions.rights, asker, kind, name) or alter(
            decisions, kind, name, changes, is_real=not wanted.validate_only, is_whole=True
        )
        responses.append(AlterConfigsResourceResponse(*refusal, kind, name))
    decisions.metadata.commit()
    return AlterConfigsResponse(responses=tuple(responses))
