"""ListGroups: the groups that a broker coordinates."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int16, Int32, String, since


class ListGroupsRequest(NamedTuple):
    """List those in these states and of these types; an empty filter passes all."""

    states_filter: Annotated[tuple[String, ...], since(4)] = ()
    types_filter: Annotated[tuple[String, ...], since(5)] = ()


class ListedGroup(NamedTuple):
    """One group."""

    group_id: String = ""
    protocol_type: String = ""
    group_state: Annotated[String, since(4), IGNORABLE] = ""
    group_type: Annotated[String, since(5), IGNORABLE] = ""


class ListGroupsResponse(NamedTuple):
    """The groups."""

    throttle_time_ms: Annotated[Int32, since(1), IGNORABLE] = 0
    error_code: Int16 = 0
    groups: tuple[ListedGroup, ...] = ()
