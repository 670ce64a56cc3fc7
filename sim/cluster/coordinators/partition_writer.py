"""Records of a coordinator into the log of its partition, as one batch at a time (Kafka's CoordinatorPartitionWriter)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.record_batch import encode_batch, read_header
from sim.cluster.transaction_questions import NO_GUARD
from sim.trace.events import BatchAppended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.records import TopicPartition
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.broker.partition import Partition
    from sim.cluster.coordinators.shard import CoordinatorRecord, Identity, Outcome
    from sim.cluster.stored_batch import StoredBatch

Records = tuple["CoordinatorRecord", ...]

_BATCH_OVERHEAD_BYTES = 61
_RECORD_OVERHEAD_BYTES = 25
"""At most, of a record without headers: five lengths and deltas, and the attributes."""


class PartitionWriter:
    """Appends as a Produce under acks=1 would, and publishes when the disk has it. Who waits for replicas does so by itself."""

    __slots__ = ("_broker", "_needs_min_isr", "_tp")

    def __init__(self, broker: HostingBroker, tp: TopicPartition, *, needs_min_isr: bool) -> None:
        """`needs_min_isr`: refuse as under acks=all while too few replicas are in sync."""
        self._broker = broker
        self._needs_min_isr = needs_min_isr
        self._tp = tp

    @property
    def led(self) -> Partition | None:
        """The partition, while this broker leads it."""
        partition = self._broker.partitions.get(self._tp)
        return partition if partition is not None and partition.is_leader else None

    def writable(self) -> tuple[Partition | None, Code]:
        """Give the partition if something may be appended now, or the reason why not."""
        broker = self._broker
        partition = broker.partitions.get(self._tp)
        if partition is None:
            return None, broker.code_without_replica(self._tp)
        if not partition.is_leader:
            return None, Code.NOT_LEADER_OR_FOLLOWER
        if self._needs_min_isr and partition.is_under_min_isr:
            return None, Code.NOT_ENOUGH_REPLICAS
        if not partition.can_write():
            return None, Code.KAFKA_STORAGE_ERROR
        return partition, Code.NONE

    def append(
        self, partition: Partition, records: Records, identity: Identity | None = None, guard: int = NO_GUARD
    ) -> Code:
        """Append one batch to a partition that is writable, to the transaction of a producer if it names one.

        Gives NONE, MESSAGE_TOO_LARGE, INVALID_PRODUCER_EPOCH for a producer that is shut out, or INVALID_TXN_STATE if a marker came
        since its coordinator was asked.
        """
        broker, log, epoch = self._broker, partition.log, partition.leader_epoch
        now_ms = broker.now_ms
        producer_id, producer_epoch = (-1, -1) if identity is None else identity
        if identity is not None:
            code = self._code_of(partition, identity, guard)
            if code is not Code.NONE:
                return code
        data = encode_batch(
            [(record.key, record.value, (), now_ms) for record in records],
            base_offset=log.end_offset,
            partition_leader_epoch=epoch,
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            is_transactional=identity is not None,
        )
        if len(data) > partition.config.max_message_bytes:
            return Code.MESSAGE_TOO_LARGE
        self._trace(log.append(read_header(data), data, epoch))
        broker.disk.write(broker.world.now_us, len(data), self._publish, partition)
        return Code.NONE

    def _code_of(self, partition: Partition, identity: Identity, guard: int) -> Code:
        """Whether a producer's transaction is, or may be, open here (UnifiedLog.batchMissingRequiredVerification)."""
        producers = partition.log.producers
        if producers.is_fenced(*identity):
            return Code.INVALID_PRODUCER_EPOCH
        is_open = (
            producers.is_in_transaction(*identity)
            or not self._broker.config.transaction_partition_verification
            or producers.verifications.is_verified(identity.producer_id, guard)
        )
        return Code.NONE if is_open else Code.INVALID_TXN_STATE

    def _trace(self, stored: StoredBatch) -> None:
        """Tell of a batch that no client sent: it came from the broker itself."""
        broker, header = self._broker, stored.header
        broker.trace.emit(
            BatchAppended(
                broker.world.now_us,
                broker.broker_id,
                *self._tp,
                stored.base_offset,
                stored.last_offset,
                stored.leader_epoch,
                broker.host.name,
                0,
                0,
                header.producer_id,
                header.producer_epoch,
                header.base_sequence,
                header.crc,
            )
        )

    def _publish(self, partition: Partition) -> None:
        """The write is over: let followers read."""
        if self._broker.partitions.get(self._tp) is partition:
            partition.appended()


def batches(outcome: Outcome, bytes_max: int) -> Iterator[Records]:
    """Give the records of each batch: all in one, or as many as surely fit."""
    if outcome.is_atomic:
        yield outcome.records
        return
    batch: list[CoordinatorRecord] = []
    size_bytes = _BATCH_OVERHEAD_BYTES
    for record in outcome.records:
        record_bytes = _RECORD_OVERHEAD_BYTES + len(record.key) + len(record.value or b"")
        if batch and size_bytes + record_bytes > bytes_max:
            yield tuple(batch)
            batch, size_bytes = [], _BATCH_OVERHEAD_BYTES
        batch.append(record)
        size_bytes += record_bytes
    yield tuple(batch)
