"""AlterConfigs: all settings of a resource anew; what is not named goes back to its default."""

from typing import NamedTuple

from producer.wire.schema import Boolean, Int8, Int16, Int32, String


class AlterableConfig(NamedTuple):
    """One setting."""

    name: String = ""
    value: String | None = ""


class AlterConfigsResource(NamedTuple):
    """All settings of one resource."""

    resource_type: Int8 = 0
    """2 a topic, 4 a broker, 16 client metrics, 32 a group."""
    resource_name: String = ""
    configs: tuple[AlterableConfig, ...] = ()


class AlterConfigsRequest(NamedTuple):
    """Set these."""

    resources: tuple[AlterConfigsResource, ...] = ()
    validate_only: Boolean = False
    """Say what would happen, and change nothing."""


class AlterConfigsResourceResponse(NamedTuple):
    """What became of one resource."""

    error_code: Int16 = 0
    error_message: String | None = ""
    resource_type: Int8 = 0
    resource_name: String = ""


class AlterConfigsResponse(NamedTuple):
    """What became of each resource."""

    throttle_time_ms: Int32 = 0
    responses: tuple[AlterConfigsResourceResponse, ...] = ()
