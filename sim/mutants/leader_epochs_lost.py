"""Batches that are written without the epoch of their leader, so that logs cannot tell where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.stored_batch import StoredBatch
    from sim.cluster.topic_config import TopicConfig


class _Timeless(PartitionLog):
    """Every term is the first one."""

    def begin_epoch(self, leader_epoch: int) -> None:  # noqa: ARG002 - that is the bug
        super().begin_epoch(0)

    def append(self, header: BatchHeader, data: bytes, leader_epoch: int) -> StoredBatch:  # noqa: ARG002
        return super().append(header, data, 0)


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Timeless(log.file, high_watermark=log.high_watermark))


LEADER_EPOCHS_LOST = Mutant(
    "leader_epochs_lost", "batches lie in the log without their leader's epoch", partition=_Partition
)
