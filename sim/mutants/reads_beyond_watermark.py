"""A leader that gives consumers whatever it has, committed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.stored_batch import StoredBatch
    from sim.cluster.topic_config import TopicConfig


class _Open(PartitionLog):
    """Reads to its end, whatever the limit."""

    def read(self, from_offset: int, *, up_to_offset: int, bytes_max: int) -> tuple[StoredBatch, ...]:  # noqa: ARG002
        return super().read(from_offset, up_to_offset=self.end_offset, bytes_max=bytes_max)


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Open(log.file, high_watermark=log.high_watermark))


READS_BEYOND_WATERMARK = Mutant(
    "reads_beyond_watermark", "a consumer is given what is not committed yet", partition=_Partition
)
