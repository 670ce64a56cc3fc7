"""The timers of members by the consumer protocol: when one is missed, and how long it may take to give up partitions.

Who is late is fenced: it has to come again as a new member. Kafka: GroupMetadataManager, from scheduleConsumerGroupSessionTimeout on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.timing import timing_of
from sim.cluster.coordinators.shard import Outcome
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import Ground

_SESSION, _REVOCATION, _JOIN, _SYNC = "consumer session", "consumer revocation", "consumer join", "consumer sync"


class Sessions:
    """Sets and cancels timers. `fence` lets a member of a group be gone."""

    def __init__(self, ground: Ground, groups: Groups, fence: Callable[[str, str], Outcome]) -> None:
        self._ground = ground
        self._groups = groups
        self._fence = fence

    def expect_heartbeat(self, group_id: str, member: ConsumerMember) -> None:
        """Count a member's session from now: the group's, or its own if it speaks the classic protocol."""
        if member.classic is None:
            timeout_us = timing_of(self._ground.broker, group_id).session_timeout_us
        else:
            timeout_us = member.classic.session_timeout_ms * MILLISECOND_US
        self._fence_after((_SESSION, group_id, member.member_id), timeout_us)

    def limit_revocation(self, group_id: str, member: ConsumerMember) -> None:
        """Give a member its rebalance time-out to let go of partitions, and so to leave the epoch that it is in."""
        member_id, epoch = member.member_id, member.member_epoch
        name = (_REVOCATION, group_id, member_id)

        def expired() -> Outcome:
            group = self._groups.consumer(group_id)
            known = None if group is None else group.find(member_id)
            is_late = known is not None and known.member_epoch == epoch
            return self._fence(group_id, member_id) if is_late else Outcome()

        self._ground.schedule(name, member.rebalance_timeout_ms * MILLISECOND_US, expired, is_retried=True)

    def end_revocation(self, group_id: str, member_id: str) -> None:
        """It has let go."""
        self._ground.cancel((_REVOCATION, group_id, member_id))

    def expect_join(self, group_id: str, member: ConsumerMember) -> None:
        """Give a member that speaks the classic protocol its rebalance time-out to join again, unless that runs already."""
        name = (_JOIN, group_id, member.member_id)
        if not self._ground.is_scheduled(name):
            self._fence_after(name, member.rebalance_timeout_ms * MILLISECOND_US)

    def joined(self, group_id: str, member: ConsumerMember) -> None:
        """It has joined: now it has to ask for its assignment within its rebalance time-out."""
        self._ground.cancel((_JOIN, group_id, member.member_id))
        self._fence_after((_SYNC, group_id, member.member_id), member.rebalance_timeout_ms * MILLISECOND_US)

    def synced(self, group_id: str, member_id: str) -> None:
        """It has asked."""
        self._ground.cancel((_SYNC, group_id, member_id))

    def cancel(self, group_id: str, member_id: str) -> None:
        """Miss it no more."""
        for name in (_SESSION, _REVOCATION, _JOIN, _SYNC):
            self._ground.cancel((name, group_id, member_id))

    def _fence_after(self, name: tuple[str, ...], timeout_us: int) -> None:
        _, group_id, member_id = name
        self._ground.schedule(name, timeout_us, lambda: self._fence(group_id, member_id), is_retried=True)
