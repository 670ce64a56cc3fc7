"""JoinGroup: the first half of a rebalance of the classic group protocol."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Bytes, Int16, Int32, String, nullable_since, since


class JoinGroupRequestProtocol(NamedTuple):
    """An assignor that the member supports, with the member's subscription in that assignor's words."""

    name: String = ""
    metadata: Bytes = b""


class JoinGroupRequest(NamedTuple):
    """Let me be a member."""

    group_id: String = ""
    session_timeout_ms: Int32 = 0
    """The coordinator takes a member for dead that was silent for so long."""
    rebalance_timeout_ms: Annotated[Int32, since(1), IGNORABLE] = -1
    """How long the coordinator waits for members to join again; -1: as the session's."""
    member_id: String = ""
    """Empty the first time: the coordinator gives one."""
    group_instance_id: Annotated[String | None, since(5)] = None
    """A static member's name (KIP-345)."""
    protocol_type: String = ""
    """consumer for consumers, connect for Connect's workers."""
    protocols: tuple[JoinGroupRequestProtocol, ...] = ()
    """Most wanted first."""
    reason: Annotated[String | None, since(8), IGNORABLE] = None
    """Why the member joins, for the broker's log (KIP-800)."""


class JoinGroupResponseMember(NamedTuple):
    """One member and its subscription: for the leader's eyes."""

    member_id: String = ""
    group_instance_id: Annotated[String | None, since(5), IGNORABLE] = None
    metadata: Bytes = b""


class JoinGroupResponse(NamedTuple):
    """The new generation."""

    throttle_time_ms: Annotated[Int32, since(2), IGNORABLE] = 0
    error_code: Int16 = 0
    generation_id: Int32 = -1
    protocol_type: Annotated[String | None, since(7), IGNORABLE] = None
    protocol_name: Annotated[String | None, nullable_since(7)] = ""
    """The assignor that was chosen."""
    leader: String = ""
    """The id of the member that has to assign."""
    skip_assignment: Annotated[Boolean, since(9)] = False
    """The leader has joined again and keeps the assignment of before (KIP-814)."""
    member_id: String = ""
    members: tuple[JoinGroupResponseMember, ...] = ()
    """All of them for the leader, none for the others."""
