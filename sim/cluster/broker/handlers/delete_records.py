"""DeleteRecords 0 to 2: the start of a log moves up, on the leader at once, and an answer when every follower knows it.

Kafka: ReplicaManager.deleteRecords, DelayedDeleteRecords. What lies before the start is read by nobody any more;
its bytes go with the next look for old segments, as far as whole segments lie before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.delete_records import (
    DeleteRecordsPartitionResult,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopicResult,
)
from sim.cluster.broker.partition import RECORDS_DELETED
from sim.cluster.effective_settings import effective
from sim.cluster.internal_topics import is_internal
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.cluster.settings import TOPIC_CONFIGS
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

HIGH_WATERMARK = -1
"""Asks for everything that is committed."""
_UNKNOWN = -1
"""The low watermark of what could not be done."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer now, or wait for followers."""
    _DeleteRecords(broker, request, request.decode(DeleteRecordsRequest)).begin()


class _DeleteRecords:
    """One request on its way."""

    __slots__ = ("_broker", "_codes", "_request", "_targets", "_waiting", "_wanted")

    def __init__(self, broker: ServingBroker, request: Request, wanted: DeleteRecordsRequest) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._codes: dict[TopicPartition, Code] = {}
        self._targets: dict[TopicPartition, tuple[Partition, int]] = {}
        self._waiting: Waiting | None = None

    def begin(self) -> None:
        """Move what can be moved; wait if somebody in service has yet to hear of it."""
        # Of a partition that is named twice the last word counts.
        offsets = {
            TopicPartition(topic, index): offset
            for topic, partitions in self._wanted.topics
            for index, offset in partitions
        }
        names = [topic for topic, _ in self._wanted.topics]
        refused = self._broker.rights.refused(self._request, Operation.DELETE, ResourceKind.TOPIC, names)
        for tp, offset in offsets.items():
            is_refused = tp.topic in refused
            self._codes[tp] = Code.TOPIC_AUTHORIZATION_FAILED if is_refused else self._delete(tp, offset)
        if self._is_known_everywhere() or self._wanted.timeout_ms <= 0:
            self._answer(Code.REQUEST_TIMED_OUT)
            return
        self._waiting = self._broker.purgatory.wait(self._wanted.timeout_ms * MILLISECOND_US, self._expired)
        for partition, _ in self._targets.values():
            partition.watch(self._woken, is_follower=False)

    def _delete(self, tp: TopicPartition, offset: int) -> Code:
        broker = self._broker
        tampering = broker.tampering
        error = tampering.error_instead(ApiKey.DELETE_RECORDS, self._request.client, tp) if tampering else None
        if error is not None:
            return error
        if tp not in broker.image.partitions:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        if is_internal(tp.topic):
            return Code.INVALID_TOPIC_EXCEPTION
        partition = broker.partitions.get(tp)
        if partition is None:
            return broker.code_without_replica(tp)
        if not partition.is_leader:
            return Code.NOT_LEADER_OR_FOLLOWER
        if not self._may_delete(tp.topic):
            return Code.POLICY_VIOLATION
        watermark = partition.log.high_watermark
        target = watermark if offset == HIGH_WATERMARK else offset
        if not 0 <= target <= watermark:
            return Code.OFFSET_OUT_OF_RANGE
        partition.advance_start(target, RECORDS_DELETED)
        self._targets[tp] = partition, target
        return Code.NONE

    def _may_delete(self, topic: str) -> bool:
        """Whether the topic lets go what is old: compacted ones alone do not."""
        broker = self._broker
        own = dict(broker.image.topics[topic].settings)
        setting = TOPIC_CONFIGS["cleanup.policy"]
        policy = setting.parse(effective(setting, own, broker.image.layers_of(broker.broker_id, broker.config)).value)
        return policy != ("compact",)

    def _is_known_everywhere(self) -> bool:
        return all(
            not partition.is_leader or partition.low_watermark() >= target
            for partition, target in self._targets.values()
        )

    def _woken(self) -> None:
        self._request.work(self._look)

    def _look(self) -> None:
        if self._waiting is not None and self._is_known_everywhere():
            self._waiting.end()
            self._end()

    def _expired(self) -> None:
        self._request.work(self._end)

    def _end(self) -> None:
        self._waiting = None
        for partition, _ in self._targets.values():
            partition.unwatch(self._woken)
        self._answer(Code.REQUEST_TIMED_OUT)

    def _answer(self, code_if_unknown: Code) -> None:
        by_topic: dict[str, list[DeleteRecordsPartitionResult]] = {}
        for tp in self._codes:
            by_topic.setdefault(tp.topic, []).append(self._result(tp, code_if_unknown))
        topics = tuple(DeleteRecordsTopicResult(topic, tuple(results)) for topic, results in by_topic.items())
        self._request.respond(DeleteRecordsResponse(topics=topics))

    def _result(self, tp: TopicPartition, code_if_unknown: Code) -> DeleteRecordsPartitionResult:
        code = self._codes[tp]
        if code is not Code.NONE:
            return DeleteRecordsPartitionResult(tp.partition, _UNKNOWN, code)
        partition, target = self._targets[tp]
        if not partition.is_leader:
            return DeleteRecordsPartitionResult(tp.partition, _UNKNOWN, Code.NOT_LEADER_OR_FOLLOWER)
        low = partition.low_watermark()
        return DeleteRecordsPartitionResult(tp.partition, low, Code.NONE if low >= target else code_if_unknown)
