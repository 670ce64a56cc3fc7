"""Produce 3 to 13: validate in Kafka's order, append, and wait for the high watermark under acks=all.

Kafka: KafkaApis.handleProduceRequest, ReplicaManager.appendRecords, UnifiedLog.append, DelayedProduce. Append and answer
lie a disk write and `request_handling_us` apart; what happens in between is what most stories are about.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code, MalformedError
from producer.records import TopicPartition
from producer.wire import produce
from producer.wire.api import ApiKey
from producer.wire.leaders import UNKNOWN_LEADER
from producer.wire.record_batch import check_crc, read_header, split_batches, stamp_log_append_time, stamp_offsets
from sim.trace.events import BatchAppended, BatchDeduplicated, ProduceAnswered
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from producer.wire.leaders import NodeEndpoint
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.serving import ServingBroker

_TOPIC_IDS_SINCE = 13
_LEADERS_SINCE = 10
_ACKS_ALL = -1


def handle(broker: ServingBroker, request: Request) -> None:
    """Take the request; the disk write comes first, since everything is decided when it is over."""
    wanted = produce.decode_request(request.body, request.version)
    work = _Produce(broker, request, wanted)
    broker.disk.write(broker.world.now_us, len(request.body), request.work, work.append)


class _Part:
    """What becomes of one partition's batch."""

    __slots__ = ("_whole", "append_time_ms", "base_offset", "code", "index", "is_duplicate", "is_waiting",
                 "last_offset", "leader_epoch", "partition", "tp")  # fmt: skip

    def __init__(self, whole: _Produce, tp: TopicPartition, code: Code = Code.NONE) -> None:
        self._whole = whole
        self.tp = tp
        self.index = tp.partition
        self.code = code
        self.base_offset = -1
        self.last_offset = -1
        self.append_time_ms = -1
        self.leader_epoch = -1
        self.partition: Partition | None = None
        self.is_duplicate = False
        self.is_waiting = False

    def ended(self, code: Code) -> None:
        """The high watermark arrived, or the leader's term ended."""
        self.is_waiting = False
        self.code = code
        self._whole.part_ended()


class _Produce:
    """One Produce request on its way."""

    __slots__ = ("_broker", "_request", "_topics", "_waiting", "_wanted")

    def __init__(self, broker: ServingBroker, request: Request, wanted: produce.ProduceRequest) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._topics: list[tuple[produce.ProduceTopic, list[_Part]]] = []
        self._waiting: Waiting | None = None

    def append(self) -> None:
        """Append what may be appended; the rest of the work takes its time."""
        for topic in self._wanted.topics:
            self._topics.append((topic, self._append_topic(topic)))
        broker = self._broker
        broker.host.call_in(broker.config.request_handling_us, self._request.work, self._appended)

    def _append_topic(self, topic: produce.ProduceTopic) -> list[_Part]:
        name = topic.name
        is_known = True
        if self._request.version >= _TOPIC_IDS_SINCE:
            known = self._broker.image.topic_of_id.get(topic.topic_id)
            is_known, name = known is not None, known.name if known is not None else ""
        parts = []
        for asked in topic.partitions:
            part = _Part(self, TopicPartition(name, asked.index))
            part.code = self._append_partition(part, asked.records) if is_known else Code.UNKNOWN_TOPIC_ID
            parts.append(part)
        return parts

    def _append_partition(self, part: _Part, records: bytes | None) -> Code:
        """Append one partition's batch, or say why not, asking in Kafka's order."""
        broker, tp, acks = self._broker, part.tp, self._wanted.acks
        if acks not in {_ACKS_ALL, 0, 1}:
            return Code.INVALID_REQUIRED_ACKS
        if broker.tampering:
            error = broker.tampering.error_instead(ApiKey.PRODUCE, self._request.client, tp)
            if error is not None:
                return error
        if tp not in broker.image.partitions:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        header, code = _only_batch(records)
        if header is None or records is None:
            return code
        partition = broker.partitions.get(tp)
        if partition is None or not partition.is_leader:
            return Code.NOT_LEADER_OR_FOLLOWER
        if acks == _ACKS_ALL and partition.is_under_min_isr:
            return Code.NOT_ENOUGH_REPLICAS
        if len(records) > partition.config.max_message_bytes:
            return Code.MESSAGE_TOO_LARGE
        if not check_crc(records, 0, header):
            return Code.CORRUPT_MESSAGE
        if header.record_count != header.last_offset_delta + 1 or header.record_count < 1 or header.is_control:
            return Code.INVALID_RECORD
        if header.is_transactional:
            # There is no transaction coordinator here yet, so no transaction can be open.
            return Code.INVALID_TXN_STATE
        part.partition = partition
        part.leader_epoch = partition.leader_epoch
        if header.producer_id >= 0:
            duplicate = partition.log.producers.duplicate_of(header)
            if duplicate is not None:
                part.is_duplicate = True
                part.base_offset, part.last_offset = duplicate
                self._trace_duplicate(part, header)
                return Code.NONE
            code = partition.log.producers.check(header)
            if code is not Code.NONE:
                return code
        self._write(part, partition, header, records)
        return Code.NONE

    def _write(self, part: _Part, partition: Partition, header: BatchHeader, records: bytes) -> None:
        broker, request, log = self._broker, self._request, partition.log
        if partition.config.timestamp_type == "LogAppendTime":
            part.append_time_ms = broker.now_ms
            records = stamp_log_append_time(records, broker.now_ms)
            header = read_header(records)
        base_offset, leader_epoch = log.end_offset, partition.leader_epoch
        data = stamp_offsets(records, base_offset=base_offset, partition_leader_epoch=leader_epoch)
        header = header._replace(base_offset=base_offset, partition_leader_epoch=leader_epoch)
        stored = log.append(header, data, leader_epoch)
        part.base_offset, part.last_offset = base_offset, stored.last_offset
        broker.trace.emit(
            BatchAppended(
                broker.world.now_us,
                broker.broker_id,
                *part.tp,
                base_offset,
                stored.last_offset,
                leader_epoch,
                request.client,
                request.connection,
                request.correlation_id,
                header.producer_id,
                header.producer_epoch,
                header.base_sequence,
                header.crc,
            )
        )

    def _trace_duplicate(self, part: _Part, header: BatchHeader) -> None:
        broker, request = self._broker, self._request
        broker.trace.emit(
            BatchDeduplicated(
                broker.world.now_us,
                broker.broker_id,
                *part.tp,
                part.base_offset,
                request.client,
                request.connection,
                request.correlation_id,
                header.producer_id,
                header.producer_epoch,
                header.base_sequence,
            )
        )

    # -- after the append ----------------------------------------------------------------------------------------------

    def _appended(self) -> None:
        """Let followers read, then wait or answer."""
        is_waiting = False
        for _, parts in self._topics:
            for part in parts:
                partition = part.partition
                if partition is None or part.code is not Code.NONE:
                    continue
                if not part.is_duplicate:
                    partition.appended()
                if self._wanted.acks == _ACKS_ALL:
                    is_waiting |= self._await(part, partition)
        if is_waiting:
            timeout_us = max(self._wanted.timeout_ms, 0) * MILLISECOND_US
            self._waiting = self._broker.purgatory.wait(timeout_us, partial(self._request.work, self._expired))
        else:
            self._answer()

    def _await(self, part: _Part, partition: Partition) -> bool:
        if not partition.is_leader or partition.leader_epoch != part.leader_epoch:
            part.code = Code.NOT_LEADER_OR_FOLLOWER
            return False
        if partition.log.high_watermark > part.last_offset:
            if partition.is_under_min_isr:
                part.code = Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND
            return False
        part.is_waiting = True
        partition.await_watermark(part.last_offset + 1, part.ended)
        return True

    def part_ended(self) -> None:
        """One partition is decided; answer after the last."""
        if not any(part.is_waiting for _, parts in self._topics for part in parts):
            if self._waiting is not None:
                self._waiting.end()
                self._waiting = None
            self._request.work(self._answer)

    def _expired(self) -> None:
        """The request's time is over. What was appended stays (kafka.md 4.2)."""
        self._waiting = None
        for _, parts in self._topics:
            for part in parts:
                if part.is_waiting:
                    assert part.partition is not None
                    part.partition.forget_await(part.ended)
                    part.is_waiting = False
                    part.code = Code.REQUEST_TIMED_OUT
        self._answer()

    # -- the answer ----------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        broker, request = self._broker, self._request
        tampering = broker.tampering
        has_error = False
        for _, parts in self._topics:
            for part in parts:
                if tampering and part.code is Code.NONE:
                    error = tampering.error_after_append(ApiKey.PRODUCE, request.client, part.tp)
                    if error is not None:
                        part.code, part.base_offset = error, -1
                has_error |= part.code is not Code.NONE
                broker.trace.emit(
                    ProduceAnswered(
                        broker.world.now_us,
                        broker.broker_id,
                        *part.tp,
                        request.client,
                        request.connection,
                        request.correlation_id,
                        int(part.code),
                        part.base_offset,
                    )
                )
        if self._wanted.acks != 0:
            partitions = [part.tp for _, parts in self._topics for part in parts]
            request.answer(produce.encode_response(self._response(), request.version), partitions=partitions)
        elif has_error:
            request.refuse()
        else:
            request.no_answer()

    def _response(self) -> produce.ProduceResponse:
        endpoints: dict[int, NodeEndpoint] = {}
        topics = []
        for topic, parts in self._topics:
            answered = tuple([self._partition_response(part, endpoints) for part in parts])
            topics.append(produce.ProduceTopicResponse(topic.name, topic.topic_id, answered))
        return produce.ProduceResponse(tuple(topics), node_endpoints=tuple(endpoints.values()))

    def _partition_response(self, part: _Part, endpoints: dict[int, NodeEndpoint]) -> produce.ProducePartitionResponse:
        leader = UNKNOWN_LEADER
        if part.code is Code.NOT_LEADER_OR_FOLLOWER and self._request.version >= _LEADERS_SINCE:
            state = self._broker.image.partitions.get(part.tp)
            if state is not None:
                leader, endpoint = self._broker.image.leader_hint(state)
                if endpoint is not None:
                    endpoints[endpoint.node_id] = endpoint
        log_start_offset = 0 if part.base_offset >= 0 else -1
        return produce.ProducePartitionResponse(
            part.index,
            part.code,
            part.base_offset,
            part.append_time_ms,
            log_start_offset,
            current_leader=leader,
        )


def _only_batch(records: bytes | None) -> tuple[BatchHeader | None, Code]:
    """Read the header of the one batch there must be (ProduceRequest.validateRecords)."""
    if not records:
        return None, Code.INVALID_RECORD
    try:
        header = read_header(records)
        if header.size_bytes == len(records):
            return header, Code.NONE
        # More than one batch is against the rules; a torn one is corrupt.
        split_batches(records)
    except MalformedError:
        return None, Code.CORRUPT_MESSAGE
    return None, Code.INVALID_RECORD
