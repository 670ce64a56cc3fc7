"""The groups of one coordinator by their ids, with what readers may see before a group is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.groups.classic_group import ClassicGroup
from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.coordinators.timeline import TimelineMap

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.group import Group
    from sim.cluster.coordinators.shard import Ground


class Groups:
    """All kinds of groups share their ids."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._by_id: TimelineMap[str, Group] = TimelineMap(ground.timeline)

    @property
    def now_ms(self) -> int:
        """What the broker's clock shows."""
        return self._ground.broker.now_ms

    def find(self, group_id: str, *, is_committed: bool = False) -> Group | None:
        """Give the group; None if there is none."""
        return self._by_id.get(group_id, is_committed=is_committed)

    def get(self, group_id: str, *, is_committed: bool = False) -> Group:
        """Give the group. Raises GROUP_ID_NOT_FOUND."""
        group = self.find(group_id, is_committed=is_committed)
        if group is None:
            raise not_found(group_id)
        return group

    def classic(self, group_id: str, *, is_committed: bool = False) -> ClassicGroup | None:
        """Give the group if it is one by the classic protocol."""
        group = self.find(group_id, is_committed=is_committed)
        return group if isinstance(group, ClassicGroup) else None

    def consumer(self, group_id: str, *, is_committed: bool = False) -> ConsumerGroup | None:
        """Give the group if it is one by the consumer protocol."""
        group = self.find(group_id, is_committed=is_committed)
        return group if isinstance(group, ConsumerGroup) else None

    def existing_consumer(self, group_id: str, *, is_committed: bool = False) -> ConsumerGroup:
        """Give the group by the consumer protocol. Raises GROUP_ID_NOT_FOUND."""
        group = self.get(group_id, is_committed=is_committed)
        if not isinstance(group, ConsumerGroup):
            raise CoordinatorError(Code.GROUP_ID_NOT_FOUND, f"Group {group_id} is not a consumer group.")
        return group

    def get_or_make_consumer(self, group_id: str) -> ConsumerGroup:
        """Give the group by the consumer protocol, an empty one if there is none.

        An empty classic one may be there because positions were read first: nothing was ever written of it.
        """
        group = self.consumer(group_id)
        if group is None:
            group = ConsumerGroup(group_id, self._ground.timeline)
            self.put(group)
        return group

    def get_or_make(self, group_id: str) -> Group:
        """Give the group, an empty one by the classic protocol if there is none."""
        group = self.find(group_id)
        if group is None:
            group = ClassicGroup(group_id, self.now_ms)
            self.put(group)
        return group

    def all(self, *, is_committed: bool = False) -> tuple[Group, ...]:
        """Give all there are, in the order in which they came."""
        return tuple([group for _, group in self._by_id.items(is_committed=is_committed)])

    def put(self, group: Group) -> None:
        """Let there be a group, instead of whichever had its id."""
        self._by_id.put(group.group_id, group)

    def remove(self, group_id: str) -> None:
        """Let there be none of that id."""
        self._by_id.remove(group_id)


def not_found(group_id: str) -> CoordinatorError:
    """Say that there is no such group."""
    return CoordinatorError(Code.GROUP_ID_NOT_FOUND, f"Group {group_id} not found.")
