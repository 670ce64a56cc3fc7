"""UpdateFeatures at the controller: all or none; what a simulated cluster is made with stays, kinds of groups and of transactions apart (KIP-584, KIP-1022)."""

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
from sim.cluster.features import FEATURES, SWITCHABLE
from sim.cluster.metadata_states import FeatureLevel

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions

_UPGRADE = 1
_UPGRADE_TYPES = (_UPGRADE, 2, 3)
"""The others are downgrades, safe or not."""


def handle(decisions: Decisions, wanted: UpdateFeaturesRequest) -> UpdateFeaturesResponse:
    """Take what changes nothing, and other levels of what can be switched. Raises RefusedError for anything else.

    Of a feature that is named twice the last counts (ControllerApis.handleUpdateFeatures).
    """
    check_deadline(wanted.timeout_ms)
    levels = decisions.metadata.features
    updates = {one.feature: one for one in wanted.feature_updates}.values()
    for update in updates:
        why = _refusal(update, levels)
        if why:
            text = f"Nothing was updated: {update.feature} cannot be {update.max_version_level}, {why}."
            raise RefusedError(Code.INVALID_UPDATE_VERSION, text)
    if not wanted.validate_only:
        for update in updates:
            if update.max_version_level != levels.get(update.feature, 0):
                decisions.put_feature(FeatureLevel(update.feature, update.max_version_level))
        decisions.metadata.commit()
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
    known = levels.get(feature.name, 0)
    if level != known and feature not in SWITCHABLE:
        return f"it is {known}, and stays as the cluster was made"
    if level < known and update.upgrade_type == _UPGRADE:
        return f"it is {known}, and that would be a downgrade"
    if level > known and update.upgrade_type != _UPGRADE:
        return f"it is {known}, and that would be an upgrade"
    return ""
