"""The settings of a subscription to clients' metrics (KIP-714): kept and told; no broker here receives metrics.

Kafka: ClientMetricsConfigs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from sim.cluster.envelope import RefusedError
from sim.cluster.setting_types import SettingType, parse_of_type

if TYPE_CHECKING:
    from collections.abc import Mapping


class ClientMetricsSetting(NamedTuple):
    """One setting."""

    type: SettingType
    default: str


_INTERVAL, _MATCH = "interval.ms", "match"
_INTERVAL_MS_MIN, _INTERVAL_MS_MAX = 100, 3_600_000
CLIENT_METRICS_CONFIGS: Mapping[str, ClientMetricsSetting] = {
    _INTERVAL: ClientMetricsSetting(SettingType.INT, "300000"),
    _MATCH: ClientMetricsSetting(SettingType.LIST, ""),
    "metrics": ClientMetricsSetting(SettingType.LIST, ""),
}
"""By name, in the order in which they are told."""
_MATCHED = (
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
)


def check_client_metrics_settings(settings: Mapping[str, str]) -> None:
    """Whether a subscription may have those. Raises RefusedError."""
    for name in settings:
        if name not in CLIENT_METRICS_CONFIGS:
            raise RefusedError(Code.INVALID_REQUEST, f"Unknown client metrics configuration: {name}")
    for name, text in settings.items():
        try:
            parse_of_type(CLIENT_METRICS_CONFIGS[name].type)(text)
        except ValueError as error:
            raise RefusedError(
                Code.INVALID_CONFIG, f"Invalid value {text} for configuration {name}: {error}"
            ) from error
    interval = settings.get(_INTERVAL)
    if interval is not None and not _INTERVAL_MS_MIN <= int(interval) <= _INTERVAL_MS_MAX:
        text = f"Invalid value {interval} for {_INTERVAL}, it must be from {_INTERVAL_MS_MIN} to {_INTERVAL_MS_MAX}"
        raise RefusedError(Code.INVALID_REQUEST, text)
    for pattern in settings.get(_MATCH, "").split(","):
        if pattern.strip() and not _is_pattern(pattern):
            raise RefusedError(Code.INVALID_CONFIG, f"Illegal client matching pattern: {pattern}")


def _is_pattern(text: str) -> bool:
    name, sign, pattern = text.partition("=")
    if not sign or "=" in pattern or not pattern.strip() or name.strip() not in _MATCHED:
        return False
    try:
        re.compile(pattern.strip())
    except re.error:
        return False
    return True
