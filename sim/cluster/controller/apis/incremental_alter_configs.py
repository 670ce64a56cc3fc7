"""IncrementalAlterConfigs at the controller: each resource for itself, all of its changes or none (KIP-339)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.incremental_alter_configs import (
    AlterConfigsResourceResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from sim.cluster.controller.altering import alter
from sim.cluster.setting_changes import Change

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions


def handle(decisions: Decisions, wanted: IncrementalAlterConfigsRequest) -> IncrementalAlterConfigsResponse:
    """Alter what can be, unless it is only to be validated."""
    responses = []
    for kind, name, configs in wanted.resources:
        changes = tuple(Change(*config) for config in configs)
        refusal = alter(decisions, kind, name, changes, is_real=not wanted.validate_only)
        responses.append(AlterConfigsResourceResponse(*refusal, kind, name))
    decisions.metadata.commit()
    return IncrementalAlterConfigsResponse(responses=tuple(responses))
