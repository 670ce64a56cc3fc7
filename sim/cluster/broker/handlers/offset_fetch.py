"""OffsetFetch 1 to 10: a group's positions, of several groups since version 8, of topics by id since version 10.

Kafka: KafkaApis.handleOffsetFetchRequest, OffsetFetchResponse.groupError.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseGroup,
    OffsetFetchResponsePartition,
    OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from sim.cluster.broker.handlers.groups import group_error as group_refusal
from sim.cluster.coordinators.context import told_as
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.trace.events import OffsetFetchAnswered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.coordinators.shard import CoordinatorError

_GROUP_ERROR_SINCE = 2
"""Before, there is no error but a partition's."""
_SEVERAL_SINCE = 8
_TOPIC_IDS_SINCE = 10
_FIND_AGAIN = (Code.UNKNOWN_TOPIC_OR_PARTITION, Code.NOT_ENOUGH_REPLICAS, Code.REQUEST_TIMED_OUT)
"""Why a stable answer could not be given; consumers before 3.9 would give up on COORDINATOR_NOT_AVAILABLE."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, when every group has."""
    wanted = request.decode(OffsetFetchRequest)
    _Fetch(broker, request, wanted).begin()


class _Fetch:
    """One OffsetFetch on its way."""

    __slots__ = ("_broker", "_groups", "_is_stable", "_left", "_request", "_told")

    def __init__(self, broker: ServingBroker, request: Request, wanted: OffsetFetchRequest) -> None:
        self._broker = broker
        self._request = request
        self._is_stable = wanted.require_stable
        self._groups = wanted.groups if request.version >= _SEVERAL_SINCE else (_as_group(wanted),)
        self._told: list[OffsetFetchResponseGroup | None] = [None] * len(self._groups)
        self._left = len(self._groups)

    def begin(self) -> None:
        """Ask for each group."""
        if not self._groups:
            self._answer()
        for number, group in enumerate(self._groups):
            self._ask(number, group)

    def _ask(self, number: int, group: OffsetFetchRequestGroup) -> None:
        error = group_refusal(self._broker, self._request, Operation.DESCRIBE, group.group_id)
        if error is not None:
            self._take(number, group_error(group, error, self._request.version))
            return
        known, unknown = self._named(group)
        work = self._request.work
        self._broker.groups.fetch(
            known,
            partial(work, self._fetched, number, unknown),
            partial(work, self._refused, number, group),
            is_stable=self._is_stable,
        )

    def _named(
        self, group: OffsetFetchRequestGroup
    ) -> tuple[OffsetFetchRequestGroup, tuple[OffsetFetchResponseTopics, ...]]:
        """Give the group with its topics' names, and the answers about those that there are not, or that are not to be seen."""
        if group.topics is None:
            return group, ()
        named, unknown = list(group.topics), []
        if self._request.version >= _TOPIC_IDS_SINCE:
            named = []
            for topic in group.topics:
                state = self._broker.image.topic_of_id.get(topic.topic_id)
                if state is None:
                    unknown.append(_topic_error(topic, Code.UNKNOWN_TOPIC_ID))
                else:
                    named.append(topic._replace(name=state.name))
        hidden = self._hidden([topic.name for topic in named])
        unknown += [_topic_error(topic, Code.TOPIC_AUTHORIZATION_FAILED) for topic in named if topic.name in hidden]
        return group._replace(topics=tuple([topic for topic in named if topic.name not in hidden])), tuple(unknown)

    def _hidden(self, names: Iterable[str]) -> set[str]:
        return self._broker.rights.refused(self._request, Operation.DESCRIBE, ResourceKind.TOPIC, names)

    def _fetched(
        self, number: int, unknown: tuple[OffsetFetchResponseTopics, ...], told: OffsetFetchResponseGroup
    ) -> None:
        self._tell(told)
        topics = told.topics
        if self._groups[number].topics is None:
            hidden = self._hidden([topic.name for topic in topics])
            topics = tuple([topic for topic in topics if topic.name not in hidden])
        if self._request.version >= _TOPIC_IDS_SINCE and self._groups[number].topics is None:
            # Topics that are gone have no id that could be told.
            known = self._broker.image.topics
            topics = tuple(
                [topic._replace(topic_id=known[topic.name].topic_id) for topic in topics if topic.name in known]
            )
        self._take(number, told._replace(topics=topics + unknown))

    def _refused(self, number: int, group: OffsetFetchRequestGroup, error: CoordinatorError) -> None:
        code = Code.NOT_COORDINATOR if error.code in _FIND_AGAIN else told_as(error.code)
        self._take(number, group_error(group, code, self._request.version))

    def _tell(self, told: OffsetFetchResponseGroup) -> None:
        """Tell of the positions that the coordinator gave."""
        broker, request = self._broker, self._request
        now_us, asked = broker.world.now_us, (request.client, request.connection, request.correlation_id)
        for topic in told.topics:
            for one in topic.partitions:
                if one.error_code:
                    # Where a transaction is open, nothing is told of the position.
                    continue
                place = (told.group_id, topic.name, one.partition_index)
                broker.trace.emit(
                    OffsetFetchAnswered(now_us, broker.broker_id, *asked, *place, one.committed_offset, self._is_stable)
                )

    def _take(self, number: int, told: OffsetFetchResponseGroup) -> None:
        self._told[number] = told
        self._left -= 1
        if not self._left:
            self._answer()

    def _answer(self) -> None:
        groups = tuple([told for told in self._told if told is not None])
        version = self._request.version
        response = OffsetFetchResponse(groups=groups) if version >= _SEVERAL_SINCE else _as_one(groups[0], version)
        self._request.respond(response)


def _as_group(wanted: OffsetFetchRequest) -> OffsetFetchRequestGroup:
    """Give the one group of an older request."""
    topics = wanted.topics
    named = None if topics is None else tuple([
        OffsetFetchRequestTopics(topic.name, partition_indexes=topic.partition_indexes) for topic in topics
    ])  # fmt: skip
    return OffsetFetchRequestGroup(wanted.group_id, topics=named)


def _as_one(group: OffsetFetchResponseGroup, version: int) -> OffsetFetchResponse:
    """Give the older answer, whose error is the group's, and in version 1 every partition's."""
    topics = [
        OffsetFetchResponseTopic(topic.name, tuple([OffsetFetchResponsePartition(*one) for one in topic.partitions]))
        for topic in group.topics
    ]
    code = group.error_code if version >= _GROUP_ERROR_SINCE else Code.NONE
    return OffsetFetchResponse(topics=tuple(topics), error_code=code)


def group_error(group: OffsetFetchRequestGroup, code: Code, version: int) -> OffsetFetchResponseGroup:
    """Give the answer that refuses a group."""
    if version >= _GROUP_ERROR_SINCE:
        return OffsetFetchResponseGroup(group.group_id, error_code=code)
    return OffsetFetchResponseGroup(group.group_id, tuple([_topic_error(topic, code) for topic in group.topics or ()]))


def _topic_error(topic: OffsetFetchRequestTopics, code: Code) -> OffsetFetchResponseTopics:
    partitions = [OffsetFetchResponsePartitions(number, -1, error_code=code) for number in topic.partition_indexes]
    return OffsetFetchResponseTopics(topic.name, topic.topic_id, tuple(partitions))
