"""A leader that tells a reader of all aborted transactions but the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.log_transactions import Ended
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Short(PartitionLog):
    """Its index of aborted transactions lacks the one that was aborted last."""

    def aborted_transactions(self, from_offset: int, end_offset: int) -> list[Ended]:
        return super().aborted_transactions(from_offset, end_offset)[:-1]


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Short(log.file, high_watermark=log.high_watermark))


ABORTED_INDEX_WITHOUT_LAST = Mutant(
    "aborted_index_without_last",
    "the index of aborted transactions lacks its last entry",
    partition=_Partition,
    is_of_transactions=True,
)
