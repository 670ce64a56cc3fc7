"""A log that is cut, and a memory of its producers that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.producer_state import ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Remembering(PartitionLog):
    """Goes on knowing the batches that it no longer has."""

    def truncate(self, to_offset: int) -> bool:
        known, self.producers = self.producers, ProducerStates()
        is_cut = super().truncate(to_offset)
        self.producers = known
        return is_cut


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Remembering(log.file, high_watermark=log.high_watermark))


PRODUCER_STATE_NOT_TRUNCATED = Mutant(
    "producer_state_not_truncated",
    "a log that is cut still answers for the batches that went, as duplicates",
    partition=_Partition,
)
