"""Fetch 4 to 18, for consumers: what lies below the high watermark, now or as soon as there is enough.

Kafka: KafkaApis.handleFetchRequest, DelayedFetch. No fetch sessions: every answer is a full one (session id 0).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import fetch
from producer.wire.messages.leaders import UNKNOWN_LEADER
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from producer.wire.messages.leaders import NodeEndpoint
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.serving import ServingBroker

_LEADERS_SINCE = 12
_TOPIC_IDS_SINCE = 13
_ENDPOINTS_SINCE = 16
_WANTS_LEADER = (Code.NOT_LEADER_OR_FOLLOWER, Code.FENCED_LEADER_EPOCH)


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer now, or wait for more."""
    wanted = request.decode(fetch.FetchRequest)
    if wanted.session_id != 0 and wanted.session_epoch > 0:
        answer = fetch.FetchResponse(error_code=Code.FETCH_SESSION_ID_NOT_FOUND)
        request.answer(encode(answer, request.version))
        return
    _Fetch(broker, request, wanted).begin()


class _Fetch:
    """One consumer's Fetch on its way."""

    __slots__ = ("_broker", "_errors", "_partitions", "_request", "_waiting", "_wanted")

    def __init__(self, broker: ServingBroker, request: Request, wanted: fetch.FetchRequest) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._partitions: list[Partition] = []
        self._errors: dict[TopicPartition, Code] = {}
        self._waiting: Waiting | None = None

    def begin(self) -> None:
        """Read once; wait if that is not enough."""
        for topic in self._wanted.topics:
            for asked in topic.partitions:
                self._tamper(TopicPartition(self._name(topic), asked.partition))
        answer, is_enough = self._read()
        if is_enough or self._wanted.max_wait_ms <= 0:
            self._answer(answer)
            return
        self._waiting = self._broker.purgatory.wait(self._wanted.max_wait_ms * MILLISECOND_US, self._expired)
        for partition in self._partitions:
            partition.watch(self._woken, is_follower=False)

    def _tamper(self, tp: TopicPartition) -> None:
        tampering = self._broker.tampering
        error = tampering.error_instead(ApiKey.FETCH, self._request.client, tp) if tampering else None
        if error is not None:
            self._errors[tp] = error

    def _woken(self) -> None:
        self._request.work(self._look_again)

    def _look_again(self) -> None:
        answer, is_enough = self._read()
        if is_enough:
            assert self._waiting is not None
            self._waiting.end()
            self._end(answer)

    def _expired(self) -> None:
        self._request.work(self._end_late)

    def _end_late(self) -> None:
        self._end(self._read()[0])

    def _end(self, answer: fetch.FetchResponse) -> None:
        for partition in self._partitions:
            partition.unwatch(self._woken)
        self._answer(answer)

    def _answer(self, answer: fetch.FetchResponse) -> None:
        touched = [TopicPartition(self._name(topic), asked.partition)
                   for topic in self._wanted.topics for asked in topic.partitions]  # fmt: skip
        self._request.answer(encode(answer, self._request.version), partitions=touched)

    def _name(self, topic: fetch.FetchTopic) -> str:
        if self._request.version < _TOPIC_IDS_SINCE:
            return topic.topic
        known = self._broker.image.topic_of_id.get(topic.topic_id)
        return "" if known is None else known.name

    def _read(self) -> tuple[fetch.FetchResponse, bool]:
        """Read everything asked for. Returns the answer and whether it need not wait."""
        self._partitions = []
        endpoints: dict[int, NodeEndpoint] = {}
        topics = []
        size_bytes = 0
        is_news = False
        for topic in self._wanted.topics:
            name = self._name(topic)
            found = []
            for asked in topic.partitions:
                left_bytes = self._wanted.max_bytes - size_bytes
                result = self._read_partition(name, asked, left_bytes, endpoints, is_first=size_bytes == 0)
                size_bytes += len(result.records or b"")
                is_news |= result.error_code != 0 or result.diverging_epoch is not fetch.NO_DIVERGENCE
                found.append(result)
            topics.append(fetch.FetchTopicResponse(topic.topic, topic.topic_id, tuple(found)))
        answer = fetch.FetchResponse(responses=tuple(topics), node_endpoints=tuple(endpoints.values()))
        return answer, is_news or not topics or size_bytes >= self._wanted.min_bytes

    def _read_partition(
        self,
        name: str,
        asked: fetch.FetchPartition,
        left_bytes: int,
        endpoints: dict[int, NodeEndpoint],
        *,
        is_first: bool,
    ) -> fetch.FetchPartitionResponse:
        tp = TopicPartition(name, asked.partition)
        broker = self._broker
        partition = broker.partitions.get(tp)
        code = self._errors.get(tp) or self._check(tp, partition, asked)
        if code is not Code.NONE or partition is None:
            leader = UNKNOWN_LEADER
            state = broker.image.partitions.get(tp)
            if code in _WANTS_LEADER and state is not None and self._request.version >= _LEADERS_SINCE:
                leader, endpoint = broker.image.leader_hint(state)
                if endpoint is not None and self._request.version >= _ENDPOINTS_SINCE:
                    endpoints[endpoint.node_id] = endpoint
            return _nothing(asked, code)._replace(current_leader=leader)
        self._partitions.append(partition)
        log = partition.log
        watermark = log.high_watermark
        if asked.last_fetched_epoch >= 0:
            end = log.end_of_epoch(asked.last_fetched_epoch)
            if end is None:
                return _nothing(asked, Code.OFFSET_OUT_OF_RANGE)
            if end.epoch < asked.last_fetched_epoch or end.end_offset < asked.fetch_offset:
                diverging = fetch.EpochEndOffset(*end)
                return fetch.FetchPartitionResponse(
                    asked.partition, 0, watermark, watermark, 0, diverging_epoch=diverging, records=b""
                )
        records = b""
        if left_bytes > 0:
            bytes_max = min(asked.partition_max_bytes, left_bytes)
            batches = log.read(asked.fetch_offset, up_to_offset=watermark, bytes_max=bytes_max)
            records = b"".join([stored.data for stored in batches])
            if len(records) > bytes_max and not is_first:
                # Only the first batch of the whole answer may break the limit (KIP-74).
                records = b""
        return fetch.FetchPartitionResponse(asked.partition, 0, watermark, watermark, 0, records=records)

    def _check(self, tp: TopicPartition, partition: Partition | None, asked: fetch.FetchPartition) -> Code:
        if not tp.topic:
            return Code.UNKNOWN_TOPIC_ID
        if tp not in self._broker.image.partitions:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        if partition is None:
            return self._broker.code_without_replica(tp)
        code = partition.check_epoch(asked.current_leader_epoch)
        if code is not Code.NONE:
            return code
        if not partition.log.start_offset <= asked.fetch_offset <= partition.log.end_offset:
            return Code.OFFSET_OUT_OF_RANGE
        return Code.NONE


def _nothing(asked: fetch.FetchPartition, code: Code) -> fetch.FetchPartitionResponse:
    """Give the answer for a partition that is not read (FetchResponse.partitionResponse)."""
    return fetch.FetchPartitionResponse(asked.partition, code, high_watermark=-1, records=b"")
