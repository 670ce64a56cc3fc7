"""UpdateFeatures at the controller: all or none; a level of a simulated cluster stays as the cluster was made (KIP-584, KIP-1022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.update_features import (
    FeatureUpdateKey,
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.envelope import RefusedError
from sim.cluster.features import FEATURES, finalized_features

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

_UPGRADE_TYPES = (1, 2, 3)


def handle(decisions: Decisions, wanted: UpdateFeaturesRequest) -> UpdateFeaturesResponse:
    """Take what changes nothing. Raises RefusedError for anything else."""
    check_deadline(wanted.timeout_ms)
    levels = finalized_features(decisions.config)
    for update in wanted.feature_updates:
        why = _refusal(update, levels)
        if why:
            text = f"Nothing was updated: {update.feature} cannot be {update.max_version_level}, {why}."
            raise RefusedError(Code.INVALID_UPDATE_VERSION, text)
    results = tuple(UpdatableFeatureResult(update.feature, 0, "NONE") for update in wanted.feature_updates)
    return UpdateFeaturesResponse(error_message=None, results=results)


def _refusal(update: FeatureUpdateKey, levels: dict[str, int]) -> str:
    feature = next((one for one in FEATURES if one.name == update.feature), None)
    level = update.max_version_level
    if update.upgrade_type not in _UPGRADE_TYPES:
        return f"upgrade type {update.upgrade_type} is unknown"
    if feature is None:
        return "no controller knows that feature"
    if not feature.lowest <= level <= feature.highest:
        return f"controllers know levels {feature.lowest} to {feature.highest}"
    if level != levels.get(feature.name, 0):
        return f"it is {levels.get(feature.name, 0)}, and stays as the cluster was made"
    return ""
