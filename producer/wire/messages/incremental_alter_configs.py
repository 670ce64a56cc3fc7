"""IncrementalAlterConfigs: single settings change, the others stay (KIP-339)."""

from typing import NamedTuple

from producer.wire.schema import Boolean, Int8, Int16, Int32, String


class AlterableConfig(NamedTuple):
    """One change."""

    name: String = ""
    config_operation: Int8 = 0
    """0 set, 1 back to the default, 2 append to a list, 3 take from a list."""
    value: String | None = ""


class AlterConfigsResource(NamedTuple):
    """The changes to one resource."""

    resource_type: Int8 = 0
    """2 a topic, 4 a broker, 8 a broker's logger, 16 client metrics, 32 a group."""
    resource_name: String = ""
    configs: tuple[AlterableConfig, ...] = ()


class IncrementalAlterConfigsRequest(NamedTuple):
    """Change these."""

    resources: tuple[AlterConfigsResource, ...] = ()
    validate_only: Boolean = False
    """Say what would happen, and change nothing."""


class AlterConfigsResourceResponse(NamedTuple):
    """What became of one resource."""

    error_code: Int16 = 0
    error_message: String | None = ""
    resource_type: Int8 = 0
    resource_name: String = ""


class IncrementalAlterConfigsResponse(NamedTuple):
    """What became of each resource."""

    throttle_time_ms: Int32 = 0
    responses: tuple[AlterConfigsResourceResponse, ...] = ()
