"""DeleteAcls: rules go that match."""

from typing import NamedTuple

from producer.wire.schema import Int8, Int16, Int32, String


class DeleteAclsFilter(NamedTuple):
    """What a rule must be like; a null matches any."""

    resource_type_filter: Int8 = 0
    resource_name_filter: String | None = ""
    pattern_type_filter: Int8 = 3
    """3 is LITERAL, 4 PREFIXED, 1 ANY, 2 MATCH."""
    principal_filter: String | None = ""
    host_filter: String | None = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class DeleteAclsRequest(NamedTuple):
    """Delete what these filters match."""

    filters: tuple[DeleteAclsFilter, ...] = ()


class DeleteAclsMatchingAcl(NamedTuple):
    """One rule that matched."""

    error_code: Int16 = 0
    error_message: String | None = ""
    resource_type: Int8 = 0
    resource_name: String = ""
    pattern_type: Int8 = 3
    principal: String = ""
    host: String = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class DeleteAclsFilterResult(NamedTuple):
    """What one filter matched."""

    error_code: Int16 = 0
    error_message: String | None = ""
    matching_acls: tuple[DeleteAclsMatchingAcl, ...] = ()


class DeleteAclsResponse(NamedTuple):
    """What each filter matched, in the order of the request."""

    throttle_time_ms: Int32 = 0
    filter_results: tuple[DeleteAclsFilterResult, ...] = ()
