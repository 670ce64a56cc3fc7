"""DeleteGroups: groups without members go, with their positions."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, String


class DeleteGroupsRequest(NamedTuple):
    """Delete these."""

    groups_names: tuple[String, ...] = ()


class DeletableGroupResult(NamedTuple):
    """What became of one group."""

    group_id: String = ""
    error_code: Int16 = 0


class DeleteGroupsResponse(NamedTuple):
    """What became of each group."""

    throttle_time_ms: Int32 = 0
    results: tuple[DeletableGroupResult, ...] = ()
