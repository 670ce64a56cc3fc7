"""AlterConfigs at the controller: each resource for itself; what is not named goes back to its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_configs import (
    AlterConfigsRequest,
    AlterConfigsResourceResponse,
    AlterConfigsResponse,
)
from sim.cluster.controller.altering import alter
from sim.cluster.setting_changes import Change, Operation

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: AlterConfigsRequest) -> AlterConfigsResponse:
    """Alter what can be, unless it is only to be validated."""
    responses = []
    for kind, name, configs in wanted.resources:
        changes = tuple(Change(config.name, Operation.SET, config.value) for config in configs)
        refusal = alter(decisions, kind, name, changes, is_real=not wanted.validate_only, is_whole=True)
        responses.append(AlterConfigsResourceResponse(*refusal, kind, name))
    decisions.metadata.commit()
    return AlterConfigsResponse(responses=tuple(responses))
