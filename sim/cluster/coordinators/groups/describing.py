"""What is told about groups to who administers them: DescribeGroups of the classic protocol, and ListGroups of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.describe_groups import DescribedGroup
from producer.wire.messages.list_groups import ListedGroup
from sim.cluster.coordinators.groups.classic_state import ClassicState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.coordinators.groups.group import Group
    from sim.cluster.coordinators.groups.registry import Groups

_GROUP_ID_NOT_FOUND_SINCE = 6
"""Older clients are told of a dead group, and no error (KIP-1043)."""


def describe(groups: Groups, group_id: str, version: int) -> DescribedGroup:
    """Describe a group by the classic protocol, as it stands in memory; whether there is one is what was committed."""
    group = groups.classic(group_id, is_committed=True)
    if group is None:
        known = groups.find(group_id, is_committed=True)
        text = f"Group {group_id} not found." if known is None else f"Group {group_id} is not a classic group."
        is_told = version >= _GROUP_ID_NOT_FOUND_SINCE
        return DescribedGroup(
            error_code=Code.GROUP_ID_NOT_FOUND if is_told else Code.NONE,
            error_message=text if is_told else None,
            group_id=group_id,
            group_state=ClassicState.DEAD.value,
        )
    protocol = group.protocol_name if group.state is ClassicState.STABLE else None
    return DescribedGroup(
        group_id=group_id,
        group_state=group.state_name,
        protocol_type=group.protocol_type or "",
        protocol_data=protocol or "",
        members=tuple([member.described(protocol) for member in group.all_members]),
    )


def listed(groups: Iterable[Group], states: tuple[str, ...], types: tuple[str, ...]) -> tuple[ListedGroup, ...]:
    """List groups in these states and of these types, in whatever letters; an empty filter passes all."""
    wanted_states = frozenset(state.strip().lower() for state in states)
    wanted_types = frozenset(kind.lower() for kind in types)
    return tuple([
        ListedGroup(group.group_id, group.protocol_type or "", group.state_name, group.type_name)
        for group in groups
        if (not states or group.state_name.lower() in wanted_states)
        and (not types or group.type_name.lower() in wanted_types)
    ])  # fmt: skip
