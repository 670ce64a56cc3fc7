"""The groups by the consumer protocol of one coordinator, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.classic_requests import ClassicRequests
from sim.cluster.coordinators.groups.consumer.departures import ConsumerDepartures
from sim.cluster.coordinators.groups.consumer.downgrade import Downgrade
from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics
from sim.cluster.coordinators.groups.consumer.heartbeats import Heartbeats
from sim.cluster.coordinators.groups.consumer.member_change import MemberChanges
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.regular_expression_refresh import RegularExpressionRefresh
from sim.cluster.coordinators.groups.consumer.sessions import Sessions
from sim.cluster.coordinators.groups.consumer.topics import Topics
from sim.cluster.coordinators.groups.consumer.upgrade import Upgrade

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.rebalances import Rebalances
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import Ground, Outcome


class ConsumerGroups:
    """What may be asked of them, and who answers."""

    def __init__(self, ground: Ground, groups: Groups, rebalances: Rebalances) -> None:
        self._groups = groups
        self.topics = Topics(ground.broker)
        self._sessions = Sessions(ground, groups, self._fence)
        downgrade = Downgrade(ground, groups, self.topics, rebalances)
        self._departures = ConsumerDepartures(groups, self.topics, self._sessions, downgrade)
        self._regular_expressions = RegularExpressionRefresh(ground, groups, self.topics)
        changes = MemberChanges(ground, self.topics, self._sessions, self._regular_expressions)
        self.heartbeats = Heartbeats(
            ground,
            groups,
            changes=changes,
            sessions=self._sessions,
            departures=self._departures,
            upgrade=Upgrade(ground, self.topics, self._sessions),
        )
        self.classic_requests = ClassicRequests(
            ground,
            topics=self.topics,
            changes=changes,
            sessions=self._sessions,
            departures=self._departures,
            downgrade=downgrade,
        )

    def _fence(self, group_id: str, member_id: str) -> Outcome:
        return self._departures.fence(group_id, member_id)

    def loaded(self, group: ConsumerGroup) -> None:
        """Count every member's session from now, and its time to give up partitions."""
        for member in group.members.values():
            self._sessions.expect_heartbeat(group.group_id, member)
            if member.state is MemberState.UNREVOKED_PARTITIONS:
                self._sessions.limit_revocation(group.group_id, member)

    def topics_changed(self, names: Collection[str], *, are_some_new: bool) -> None:
        """Topics came, went or changed: groups that read them look at them with their next heartbeat."""
        if are_some_new:
            self._regular_expressions.topics_created()
        for known in self._groups.all():
            group = self._groups.consumer(known.group_id)
            if group is not None:
                read = all_topics(group.members.values(), group.resolved)
                if any(topic in names for topic in read):
                    group.topics_seen_in_epoch = None
