"""A leader that keeps keys, values and times of records, and no headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.record_batch import BatchHeader, decode_records, encode_batch, read_header
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.stored_batch import StoredBatch
    from sim.cluster.topic_config import TopicConfig


class _Forgetful(PartitionLog):
    """Writes every batch anew, as it would be without headers."""

    def append(self, header: BatchHeader, data: bytes, leader_epoch: int) -> StoredBatch:
        bare = encode_batch(
            [(record.key, record.value, (), record.timestamp_ms) for record in decode_records(data)],
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            base_offset=header.base_offset,
            partition_leader_epoch=leader_epoch,
        )
        return super().append(read_header(bare), bare, leader_epoch)


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Forgetful(log.file, high_watermark=log.high_watermark))


HEADERS_DROPPED = Mutant("headers_dropped", "a leader writes records without their headers", partition=_Partition)
