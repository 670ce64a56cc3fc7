"""DescribeAcls: who may do what.

The numbers in it are those of Kafka's ResourceType, PatternType, AclOperation and AclPermissionType.
"""

from typing import NamedTuple

from producer.wire.schema import Int8, Int16, Int32, String


class DescribeAclsRequest(NamedTuple):
    """List the rules that match; a null matches any."""

    resource_type_filter: Int8 = 0
    resource_name_filter: String | None = ""
    pattern_type_filter: Int8 = 3
    """3 is LITERAL, 4 PREFIXED, 1 ANY, 2 MATCH."""
    principal_filter: String | None = ""
    host_filter: String | None = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class AclDescription(NamedTuple):
    """Who may, or may not, do one thing with a resource."""

    principal: String = ""
    host: String = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class DescribeAclsResource(NamedTuple):
    """The rules of one resource."""

    resource_type: Int8 = 0
    resource_name: String = ""
    pattern_type: Int8 = 3
    acls: tuple[AclDescription, ...] = ()


class DescribeAclsResponse(NamedTuple):
    """The rules."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""
    resources: tuple[DescribeAclsResource, ...] = ()
