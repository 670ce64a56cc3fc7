"""When the regular expressions of a group are matched against the topics again, and what comes of it.

Kafka does that beside the heartbeats, in a thread of its own: who subscribes by a new one is told with a later heartbeat.
GroupMetadataManager.maybeUpdateRegularExpressions, handleRegularExpressionsResult.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.group_subscriptions import all_topics, regexes_of, subscribed_to
from sim.cluster.coordinators.groups.consumer.record_kinds import (
    epoch_record,
    regular_expression_record,
    regular_expression_tombstone,
)
from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved, check_regular_expression, matching
from sim.cluster.coordinators.shard import Outcome
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.groups.registry import Groups
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground

_MATCHING_US = MILLISECOND_US
"""What it takes until all topics were looked through. Kafka's own takes as long for some thousand topics."""
_AGAIN_MS_MIN = 10_000
"""Between two times, at least (GroupMetadataManager.REGEX_BATCH_REFRESH_MIN_INTERVAL_MS)."""
_AGAIN_MS_MAX = 600_000
"""And at most: topics that are gone are noticed by then (group.consumer.regex.refresh.interval.ms, which is internal)."""


class RegexChange(Enum):
    """What a member's subscription by a regular expression came to."""

    NONE = auto()
    UNRESOLVED = auto()
    """It is another one; what it matches will be known later."""
    RESOLVED = auto()
    """It is another one, or none any more, and what that changes is known."""


class RegularExpressionRefresh:
    """Of all groups of one coordinator."""

    def __init__(self, ground: Ground, groups: Groups, topics: Topics) -> None:
        self._ground = ground
        self._groups = groups
        self._topics = topics
        self._new_topics_version = topics.version

    def topics_created(self) -> None:
        """There are new topics: expressions may match them."""
        self._new_topics_version = self._topics.version

    def change(
        self,
        group: ConsumerGroup,
        before: ConsumerMember,
        after: ConsumerMember,
        members: Mapping[str, ConsumerMember],
        records: list[CoordinatorRecord],
        may_describe: Callable[[str], bool] | None = None,
    ) -> RegexChange:
        """Take a member's change; `members` are all with the changed one. Topics count that `may_describe`. Raises CoordinatorError for one that is invalid."""
        old, new = before.topic_regex, after.topic_regex
        known = group.members.values()
        change, is_new = RegexChange.NONE, False
        if old != new:
            change = RegexChange.UNRESOLVED
            if old and subscribed_to(known, old) == 1:
                records.append(regular_expression_tombstone(group.group_id, old))
            if not new or new in group.resolved:
                change = RegexChange.RESOLVED
            elif not subscribed_to(known, new):
                check_regular_expression(new)
                is_new = True
        if is_new or regexes_of(known):
            self._refresh_if_due(group, regexes_of(members.values()), may_describe, is_new=is_new)
        return change

    def _refresh_if_due(
        self,
        group: ConsumerGroup,
        regexes: tuple[str, ...],
        may_describe: Callable[[str], bool] | None,
        *,
        is_new: bool,
    ) -> None:
        name = ("regular expressions", group.group_id)
        if not regexes or self._ground.is_scheduled(name):
            return
        resolved = group.resolved
        last = next(iter(resolved.values()), None)
        now_ms = self._groups.now_ms
        if last is not None and now_ms <= last.timestamp_ms + _AGAIN_MS_MIN:
            return
        is_due = is_new or len(regexes) != len(resolved) or last is None
        if last is not None:
            is_due = is_due or last.version < self._new_topics_version or now_ms > last.timestamp_ms + _AGAIN_MS_MAX
        if is_due:
            group_id = group.group_id
            self._ground.schedule(name, _MATCHING_US, lambda: self._match(group_id, regexes, may_describe))

    def _match(self, group_id: str, regexes: tuple[str, ...], may_describe: Callable[[str], bool] | None) -> Outcome:
        """Look through the topics; whoever asked last decides for all which may be seen (filterTopicDescribeAuthorizedTopics)."""
        group = self._groups.consumer(group_id)
        if group is None:
            return Outcome()
        records: list[CoordinatorRecord] = []
        resolved = group.resolved
        is_other = False
        members = group.members.values()
        for regex in regexes:
            if subscribed_to(members, regex):
                before = resolved.get(regex)
                topics = matching(regex, self._topics.names)
                if may_describe is not None:
                    topics = tuple([topic for topic in topics if may_describe(topic)])
                found = Resolved(topics, self._topics.version, self._groups.now_ms)
                is_other = is_other or found.topics != (() if before is None else before.topics)
                resolved[regex] = found
                records.append(regular_expression_record(group_id, regex, found))
        metadata_hash = self._topics.metadata_hash(all_topics(members, resolved))
        known = group.epoch.get()
        if is_other or metadata_hash != known.metadata_hash:
            records.append(epoch_record(group_id, known.epoch + 1, metadata_hash))
            group.topics_seen_in_epoch = known.epoch + 1
        return Outcome(records=tuple(records))
