"""ListConfigResources: which resources have settings of their own; version 0 asks for client metrics alone."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int8, Int16, Int32, String, since


class ListConfigResourcesRequest(NamedTuple):
    """List those of these types."""

    resource_types: Annotated[tuple[Int8, ...], since(1)] = ()
    """Empty for all that can be listed."""


class ConfigResource(NamedTuple):
    """One resource."""

    resource_name: String = ""
    resource_type: Annotated[Int8, since(1), IGNORABLE] = 16
    """16 is client metrics."""


class ListConfigResourcesResponse(NamedTuple):
    """The resources."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    config_resources: tuple[ConfigResource, ...] = ()
