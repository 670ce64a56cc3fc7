"""WriteTxnMarkers 1 and 2: a transaction coordinator has the ends of transactions written, and waits until replicas have them.

Kafka: KafkaApis.handleWriteTxnMarkersRequest. Since version 2 a marker says by which transaction.version its end was decided (KIP-1228).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.end_markers import EndMarker, encode_end_marker
from producer.wire.messages.write_txn_markers import (
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from producer.wire.record_batch import read_header, stamp_log_append_time
from sim.cluster.broker.handlers.awaited_append import AwaitedAppend
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.cluster.security.acls.kinds import Operation
from sim.trace.events import MarkerAppended, MarkerRefused
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.wire.messages.write_txn_markers import WritableTxnMarker
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

REQUEST_TIMEOUT_US = 30 * SECOND_US
"""request.timeout.ms of brokers: how long to wait for replicas."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Take the request; the disk write comes first, as for a Produce."""
    wanted = request.decode(WriteTxnMarkersRequest)
    rights = broker.rights
    may_alter = rights.allows_on_cluster(request, Operation.ALTER, is_told=False)
    if not may_alter and not rights.allows_on_cluster(request, Operation.CLUSTER_ACTION):
        request.respond(_refusal(wanted, Code.CLUSTER_AUTHORIZATION_FAILED))
        return
    work = _WriteTxnMarkers(broker, request, wanted)
    broker.disk.write(broker.world.now_us, len(request.body), request.work, work.append)


def _refusal(wanted: WriteTxnMarkersRequest, code: Code) -> WriteTxnMarkersResponse:
    """Tell each partition of each marker the same."""
    results = [
        WritableTxnMarkerResult(
            marker.producer_id,
            tuple(
                [
                    WritableTxnMarkerTopicResult(
                        topic.name,
                        tuple([WritableTxnMarkerPartitionResult(one, code) for one in topic.partition_indexes]),
                    )
                    for topic in marker.topics
                ]
            ),
        )
        for marker in wanted.markers
    ]
    return WriteTxnMarkersResponse(tuple(results))


class _Marker(AwaitedAppend):
    """The end of one transaction in one partition."""

    __slots__ = ("_wanted",)

    def __init__(
        self,
        broker: ServingBroker,
        request: Request,
        wanted: WritableTxnMarker,
        tp: TopicPartition,
        ended: Callable[[], object],
    ) -> None:
        super().__init__(broker, request, tp, ended)
        self._wanted = wanted

    @property
    def producer_id(self) -> int:
        return self._wanted.producer_id

    # -- the append ----------------------------------------------------------------------------------------------------

    def append(self) -> None:
        """Append the marker, or note in `code` why not."""
        self.code = self._append()
        if self.code is not Code.NONE:
            broker, wanted = self._broker, self._wanted
            broker.trace.emit(
                MarkerRefused(
                    broker.world.now_us,
                    broker.broker_id,
                    *self.tp,
                    wanted.producer_id,
                    wanted.producer_epoch,
                    wanted.coordinator_epoch,
                    wanted.transaction_result,
                    int(self.code),
                )
            )

    def _append(self) -> Code:
        broker, wanted = self._broker, self._wanted
        if broker.tampering:
            error = broker.tampering.error_instead(ApiKey.WRITE_TXN_MARKERS, self._request.client, self.tp)
            if error is not None:
                return error
        partition = broker.partitions.get(self.tp)
        if partition is None:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        if not partition.is_leader:
            return Code.NOT_LEADER_OR_FOLLOWER
        # A group's coordinator writes the markers of its partition, and waits for replicas behind that.
        if partition.is_under_min_isr and self.tp.topic != CONSUMER_OFFSETS:
            return Code.NOT_ENOUGH_REPLICAS
        code = partition.log.producers.check_marker(
            wanted.producer_id,
            wanted.producer_epoch,
            coordinator_epoch=wanted.coordinator_epoch,
            transaction_version=wanted.transaction_version,
        )
        if code is not Code.NONE:
            return code
        if not partition.can_write():
            return Code.KAFKA_STORAGE_ERROR
        self._write(partition)
        return Code.NONE

    def _write(self, partition: Partition) -> None:
        broker, wanted, log = self._broker, self._wanted, partition.log
        base_offset, leader_epoch = log.end_offset, partition.leader_epoch
        data = encode_end_marker(
            EndMarker(wanted.transaction_result, wanted.coordinator_epoch),
            producer_id=wanted.producer_id,
            producer_epoch=wanted.producer_epoch,
            timestamp_ms=broker.now_ms,
            base_offset=base_offset,
            partition_leader_epoch=leader_epoch,
        )
        if partition.config.timestamp_type == "LogAppendTime":
            data = stamp_log_append_time(data, broker.now_ms)
        header = read_header(data)
        first_offset = log.producers.transaction_of(wanted.producer_id)
        log.append(header, data, leader_epoch)
        self._partition, self._last_offset = partition, base_offset
        self.tell_appended(header, base_offset)
        broker.trace.emit(
            MarkerAppended(
                broker.world.now_us,
                broker.broker_id,
                *self.tp,
                base_offset,
                leader_epoch,
                wanted.producer_id,
                wanted.producer_epoch,
                wanted.coordinator_epoch,
                wanted.transaction_result,
                first_offset,
            )
        )
        if self.tp.topic == CONSUMER_OFFSETS:
            # Positions that the transaction committed count from here on (GroupCoordinator.completeTransaction).
            broker.groups.complete_transaction(
                self.tp.partition, wanted.producer_id, committed=wanted.transaction_result
            )

    # -- the wait ------------------------------------------------------------------------------------------------------

    def publish(self) -> None:
        """Let followers read it, and wait until those in sync have."""
        partition = self._partition
        if partition is not None:
            partition.appended()
            self.wait_for_replicas(partition)


class _WriteTxnMarkers:
    """One request on its way: every marker in it, for each partition."""

    __slots__ = ("_broker", "_markers", "_request", "_waiting")

    def __init__(self, broker: ServingBroker, request: Request, wanted: WriteTxnMarkersRequest) -> None:
        self._broker = broker
        self._request = request
        self._waiting: Waiting | None = None
        self._markers = [
            _Marker(broker, request, marker, TopicPartition(topic.name, index), self.look)
            for marker in wanted.markers
            for topic in marker.topics
            for index in topic.partition_indexes
        ]

    def append(self) -> None:
        """Append what may be appended; the rest of the work takes its time."""
        for marker in self._markers:
            marker.append()
        self._broker.host.call_in(self._broker.config.request_handling_us, self._request.work, self._appended)

    def _appended(self) -> None:
        for marker in self._markers:
            marker.publish()
        if any(marker.is_waiting for marker in self._markers):
            expired = partial(self._request.work, self._expired)
            self._waiting = self._broker.purgatory.wait(REQUEST_TIMEOUT_US, expired)
        else:
            self._answer()

    def look(self) -> None:
        """One marker is decided; answer after the last."""
        for marker in self._markers:
            marker.look_again()
        if self._waiting is not None and not any(marker.is_waiting for marker in self._markers):
            self._waiting.end()
            self._waiting = None
            self._request.work(self._answer)

    def _expired(self) -> None:
        self._waiting = None
        for marker in self._markers:
            marker.time_out()
        self._answer()

    def _answer(self) -> None:
        by_producer: dict[int, dict[str, list[WritableTxnMarkerPartitionResult]]] = {}
        for marker in self._markers:
            topics = by_producer.setdefault(marker.producer_id, {})
            told = WritableTxnMarkerPartitionResult(marker.tp.partition, marker.code)
            topics.setdefault(marker.tp.topic, []).append(told)
        results = tuple(
            [
                WritableTxnMarkerResult(
                    producer_id,
                    tuple([WritableTxnMarkerTopicResult(topic, tuple(told)) for topic, told in topics.items()]),
                )
                for producer_id, topics in by_producer.items()
            ]
        )
        self._request.respond(WriteTxnMarkersResponse(results), partitions=[marker.tp for marker in self._markers])
