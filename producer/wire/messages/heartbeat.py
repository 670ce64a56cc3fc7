"""Heartbeat: a sign of life of a member by the classic group protocol."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int16, Int32, String, since


class HeartbeatRequest(NamedTuple):
    """I am alive."""

    group_id: String = ""
    generation_id: Int32 = 0
    member_id: String = ""
    group_instance_id: Annotated[String | None, since(3)] = None
    """A static member's name (KIP-345)."""


class HeartbeatResponse(NamedTuple):
    """Go on, or REBALANCE_IN_PROGRESS and its like."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    error_code: Int16 = 0
