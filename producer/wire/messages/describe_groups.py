"""DescribeGroups: groups of the classic protocol, with members and assignments."""

from typing import Annotated, NamedTuple

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import IGNORABLE, Boolean, Bytes, Int16, Int32, String, since


class DescribeGroupsRequest(NamedTuple):
    """Describe these groups."""

    groups: tuple[String, ...] = ()
    include_authorized_operations: Annotated[Boolean, since(3)] = False


class DescribedGroupMember(NamedTuple):
    """One member; its metadata and assignment in the words of the group's protocol."""

    member_id: String = ""
    group_instance_id: Annotated[String | None, since(4), IGNORABLE] = None
    client_id: String = ""
    client_host: String = ""
    member_metadata: Bytes = b""
    member_assignment: Bytes = b""


class DescribedGroup(NamedTuple):
    """One group."""

    error_code: Int16 = 0
    error_message: Annotated[String | None, since(6)] = None
    group_id: String = ""
    group_state: String = ""
    """Empty, PreparingRebalance, CompletingRebalance, Stable or Dead."""
    protocol_type: String = ""
    protocol_data: String = ""
    """The assignor in use."""
    members: tuple[DescribedGroupMember, ...] = ()
    authorized_operations: Annotated[Int32, since(3)] = OPERATIONS_UNKNOWN
    """A bit field."""


class DescribeGroupsResponse(NamedTuple):
    """The groups."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    groups: tuple[DescribedGroup, ...] = ()
