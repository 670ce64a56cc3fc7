"""SyncGroup: the second half of a rebalance of the classic group protocol: the leader assigns, all are told."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Bytes, Int16, Int32, String, since


class SyncGroupRequestAssignment(NamedTuple):
    """What one member is assigned, in the assignor's words."""

    member_id: String = ""
    assignment: Bytes = b""


class SyncGroupRequest(NamedTuple):
    """Give me my assignment."""

    group_id: String = ""
    generation_id: Int32 = 0
    member_id: String = ""
    group_instance_id: Annotated[String | None, since(3)] = None
    """A static member's name (KIP-345)."""
    protocol_type: Annotated[String | None, since(5), IGNORABLE] = None
    protocol_name: Annotated[String | None, since(5), IGNORABLE] = None
    assignments: tuple[SyncGroupRequestAssignment, ...] = ()
    """From the leader everybody's, from the others none."""


class SyncGroupResponse(NamedTuple):
    """The member's assignment."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    error_code: Int16 = 0
    protocol_type: Annotated[String | None, since(5), IGNORABLE] = None
    protocol_name: Annotated[String | None, since(5), IGNORABLE] = None
    assignment: Bytes = b""
