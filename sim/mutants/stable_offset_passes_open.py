"""A leader whose last stable offset is its high watermark: who reads what is committed is given what nobody has decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Hasty(PartitionLog):
    """Passes open transactions."""

    @property
    def last_stable_offset(self) -> int:
        return self.high_watermark


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Hasty(log.file, high_watermark=log.high_watermark))


STABLE_OFFSET_PASSES_OPEN = Mutant(
    "stable_offset_passes_open",
    "the last stable offset passes transactions that are open",
    partition=_Partition,
    is_of_transactions=True,
)
