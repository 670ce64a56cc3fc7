"""UpdateFeatures: the level of a named feature changes in the whole cluster (KIP-584)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int8, Int16, Int32, String, since, until


class FeatureUpdateKey(NamedTuple):
    """One feature."""

    feature: String = ""
    max_version_level: Int16 = 0
    """Below 1 the feature goes."""
    allow_downgrade: Annotated[Boolean, until(0)] = False
    upgrade_type: Annotated[Int8, since(1)] = 1
    """1 up only, 2 down where nothing is lost, 3 down whatever is lost."""


class UpdateFeaturesRequest(NamedTuple):
    """Change these."""

    timeout_ms: Int32 = 60000
    feature_updates: tuple[FeatureUpdateKey, ...] = ()
    validate_only: Annotated[Boolean, since(1)] = False
    """Say what would happen, and change nothing."""


class UpdatableFeatureResult(NamedTuple):
    """What became of one feature."""

    feature: String = ""
    error_code: Int16 = 0
    error_message: String | None = ""


class UpdateFeaturesResponse(NamedTuple):
    """What became of them: all or none since version 2."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
    results: Annotated[tuple[UpdatableFeatureResult, ...], until(1), IGNORABLE] = ()
