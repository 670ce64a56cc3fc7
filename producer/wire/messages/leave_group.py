"""LeaveGroup: members go. Several at once since version 3."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int16, Int32, String, since, until


class MemberIdentity(NamedTuple):
    """A member that goes."""

    member_id: String = ""
    group_instance_id: String | None = None
    """A static member's name (KIP-345)."""
    reason: Annotated[String | None, since(5), IGNORABLE] = None
    """Why, for the broker's log (KIP-800)."""


class LeaveGroupRequest(NamedTuple):
    """These members go."""

    group_id: String = ""
    member_id: Annotated[String, until(2)] = ""
    members: Annotated[tuple[MemberIdentity, ...], since(3)] = ()


class MemberResponse(NamedTuple):
    """Whether one member has gone."""

    member_id: String = ""
    group_instance_id: String | None = ""
    error_code: Int16 = 0


class LeaveGroupResponse(NamedTuple):
    """Who has gone."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    error_code: Int16 = 0
    members: Annotated[tuple[MemberResponse, ...], since(3)] = ()
