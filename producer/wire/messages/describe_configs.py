"""DescribeConfigs: settings of topics, brokers, groups and client metrics."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int8, Int16, Int32, String, since


class DescribeConfigsResource(NamedTuple):
    """Whose settings."""

    resource_type: Int8 = 0
    """2 a topic, 4 a broker, 8 a broker's logger, 16 client metrics, 32 a group."""
    resource_name: String = ""
    configuration_keys: tuple[String, ...] | None = ()
    """Null for all."""


class DescribeConfigsRequest(NamedTuple):
    """Tell me these settings."""

    resources: tuple[DescribeConfigsResource, ...] = ()
    include_synonyms: Boolean = False
    include_documentation: Annotated[Boolean, since(3)] = False


class DescribeConfigsSynonym(NamedTuple):
    """Another name under which the value can be set, most specific first."""

    name: String = ""
    value: String | None = ""
    source: Int8 = 0


class DescribeConfigsResourceResult(NamedTuple):
    """One setting."""

    name: String = ""
    value: String | None = ""
    """Null for a secret."""
    read_only: Boolean = False
    config_source: Int8 = -1
    """Where the value is from: the number of a config source."""
    is_sensitive: Boolean = False
    synonyms: tuple[DescribeConfigsSynonym, ...] = ()
    config_type: Annotated[Int8, since(3), IGNORABLE] = 0
    """1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password."""
    documentation: Annotated[String | None, since(3), IGNORABLE] = ""


class DescribeConfigsResult(NamedTuple):
    """The settings of one resource."""

    error_code: Int16 = 0
    error_message: String | None = ""
    resource_type: Int8 = 0
    resource_name: String = ""
    configs: tuple[DescribeConfigsResourceResult, ...] = ()


class DescribeConfigsResponse(NamedTuple):
    """The settings."""

    throttle_time_ms: Int32 = 0
    results: tuple[DescribeConfigsResult, ...] = ()
