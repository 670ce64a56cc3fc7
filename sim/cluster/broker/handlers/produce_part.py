"""One partition's part of a Produce request: checked in Kafka's order, stamped and appended, and waited for.

Kafka: ReplicaManager.appendToLocalLog, UnifiedLog.append; what is looked at in a batch is `log_validator.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.record_batch import TRANSACTIONAL, stamp_offsets
from sim.cluster.broker.handlers.awaited_append import AwaitedAppend
from sim.cluster.broker.log_validator import RefusedBatchError, validate
from sim.cluster.internal_topics import is_internal
from sim.cluster.transaction_questions import NO_GUARD
from sim.trace.events import BatchDeduplicated

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from producer.wire.messages.produce import RecordError
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.handlers.produce_request import Given
    from sim.cluster.broker.log_validator import Validated
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

ACKS_ALL = -1
_ADMIN_CLIENT = "__admin_client"
"""The one client id that may write into brokers' own topics (KafkaApis.handleProduceRequest)."""


class Part(AwaitedAppend):
    """What becomes of one partition's batch."""

    __slots__ = ("_given", "_is_duplicate", "_is_start_told", "_log", "_records",
                 "append_time_ms", "base_offset", "guard", "message", "record_errors")  # fmt: skip

    def __init__(
        self,
        broker: ServingBroker,
        request: Request,
        tp: TopicPartition,
        records: bytes | None,
        given: Given | None,
        ended: Callable[[], object],
    ) -> None:
        """Take what an `AwaitedAppend` needs, and the batch."""
        super().__init__(broker, request, tp, ended)
        self._records = records
        self._given = given
        self._log: PartitionLog | None = None
        self._is_duplicate = False
        self._is_start_told = False
        self.base_offset = -1
        self.append_time_ms = -1
        self.guard = NO_GUARD
        """What the leader gave out when the coordinator was asked about the transaction."""
        self.record_errors: tuple[RecordError, ...] = ()
        """Which records are to blame for `code`, where it is theirs and not the batch's (KIP-467)."""
        self.message: str | None = None
        """What is said of them."""

    # -- the append ----------------------------------------------------------------------------------------------------

    def append(self, acks: int) -> None:
        """Append the batch, or note in `code` why not."""
        try:
            self.code = self._append(acks)
        except RefusedBatchError as refused:
            self.code, self.record_errors, self.message = refused.code, refused.record_errors, refused.message
            self._is_start_told = refused.is_start_told

    def _append(self, acks: int) -> Code:
        broker, tp, records, given = self._broker, self.tp, self._records, self._given
        assert records is not None
        assert given is not None
        assert given.header is not None, f"{given.code.name} is no batch to append"
        if broker.tampering:
            error = broker.tampering.error_instead(ApiKey.PRODUCE, self._request.client, tp)
            if error is not None:
                return error
        header = given.header
        if acks not in {ACKS_ALL, 0, 1}:
            return Code.INVALID_REQUIRED_ACKS
        partition = broker.partitions.get(tp)
        if is_internal(tp.topic) and self._request.client_id != _ADMIN_CLIENT:
            return Code.INVALID_TOPIC_EXCEPTION
        if partition is None:
            return broker.code_without_replica(tp)
        if not partition.is_leader:
            return Code.NOT_LEADER_OR_FOLLOWER
        self._log = partition.log
        if acks == ACKS_ALL and partition.is_under_min_isr:
            self._is_start_told = True
            return Code.NOT_ENOUGH_REPLICAS
        if given.trailing_bytes:
            records = records[: -given.trailing_bytes]
        batch = validate(records, header, partition.config, tp, now_ms=broker.now_ms)
        self._partition, self._is_start_told = partition, True
        header = batch.header
        if len(batch.records) > partition.config.segment_size_bytes:
            self._is_start_told = False
            return Code.RECORD_LIST_TOO_LARGE
        if header.producer_id >= 0:
            duplicate = partition.log.producers.duplicate_of(header)
            if duplicate is not None:
                self._is_duplicate = True
                self.base_offset, self._last_offset = duplicate
                self.append_time_ms = _time_of(partition, self.base_offset)
                self._trace_duplicate(header)
                return Code.NONE
            if header.attributes & TRANSACTIONAL and not self._is_in_transaction(partition):
                return Code.INVALID_TXN_STATE
            code = partition.log.producers.check(header)
            if code is not Code.NONE:
                return code
        if not partition.can_write():
            self._is_start_told = False
            return Code.KAFKA_STORAGE_ERROR
        self._write(partition, batch)
        return Code.NONE

    @property
    def header(self) -> BatchHeader:
        """Of its batch, as the client sent it."""
        assert self._given is not None
        assert self._given.header is not None
        return self._given.header

    @property
    def is_transactional(self) -> bool:
        """Whether its batch is one of a producer's transaction."""
        given = self._given
        header = None if given is None else given.header
        return header is not None and header.is_transactional and header.producer_id >= 0

    def _is_in_transaction(self, partition: Partition) -> bool:
        """Whether the transaction is open in the log, or its coordinator's word still holds: no marker came in between.

        Kafka: UnifiedLog.batchMissingRequiredVerification.
        """
        header, producers = self.header, partition.log.producers
        return (
            producers.is_in_transaction(header.producer_id, header.producer_epoch)
            or not self._broker.config.transaction_partition_verification
            or producers.verifications.is_verified(header.producer_id, self.guard)
        )

    @property
    def log_start_offset(self) -> int:
        """Where the log begins, as far as the answer tells it: -1 where Kafka had not come to the log."""
        return -1 if self._log is None or not self._is_start_told else self._log.start_offset

    def _write(self, partition: Partition, batch: Validated) -> None:
        log = partition.log
        self.append_time_ms = batch.append_time_ms
        base_offset, leader_epoch = log.end_offset, partition.leader_epoch
        data = stamp_offsets(batch.records, base_offset=base_offset, partition_leader_epoch=leader_epoch)
        header = batch.header._replace(base_offset=base_offset, partition_leader_epoch=leader_epoch)
        stored = log.append(header, data, leader_epoch)
        self.base_offset, self._last_offset = base_offset, stored.last_offset
        self.tell_appended(header, stored.last_offset)

    def _trace_duplicate(self, header: BatchHeader) -> None:
        broker, request = self._broker, self._request
        broker.trace.emit(
            BatchDeduplicated(
                broker.world.now_us,
                broker.broker_id,
                *self.tp,
                self.base_offset,
                request.client,
                request.connection,
                request.correlation_id,
                header.producer_id,
                header.producer_epoch,
                header.base_sequence,
            )
        )

    # -- the wait ------------------------------------------------------------------------------------------------------

    def publish(self, acks: int) -> None:
        """Let followers read what was appended, and wait for them if the client does."""
        partition = self._partition
        if partition is None or self.code is not Code.NONE:
            return
        if not self._is_duplicate:
            partition.appended()
        if acks == ACKS_ALL:
            self.wait_for_replicas(partition)


def _time_of(partition: Partition, base_offset: int) -> int:
    """Give the time that is told for a batch that was there: its newest, CreateTime or not (UnifiedLog.append)."""
    found = partition.log.read(base_offset, up_to_offset=partition.log.end_offset, bytes_max=1)
    return found[0].header.max_timestamp_ms if found else -1
