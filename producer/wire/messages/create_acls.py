"""CreateAcls: new rules of who may do what."""

from typing import NamedTuple

from producer.wire.schema import Int8, Int16, Int32, String


class AclCreation(NamedTuple):
    """One rule."""

    resource_type: Int8 = 0
    resource_name: String = ""
    resource_pattern_type: Int8 = 3
    """3 is LITERAL, 4 PREFIXED."""
    principal: String = ""
    host: String = ""
    operation: Int8 = 0
    permission_type: Int8 = 0


class CreateAclsRequest(NamedTuple):
    """Create these rules."""

    creations: tuple[AclCreation, ...] = ()


class AclCreationResult(NamedTuple):
    """What became of one rule."""

    error_code: Int16 = 0
    error_message: String | None = ""


class CreateAclsResponse(NamedTuple):
    """What became of each rule, in the order of the request."""

    throttle_time_ms: Int32 = 0
    results: tuple[AclCreationResult, ...] = ()
