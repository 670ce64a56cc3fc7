"""A broker that reads its logs after a restart and learns nothing of the producers in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Forgetting(PartitionLog):
    """What it knows of producers it has from appends alone."""

    def _recover(self) -> None:
        super()._recover()
        self.producers.clear()


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Forgetting(log.file, high_watermark=log.high_watermark))


RECOVERY_WITHOUT_PRODUCERS = Mutant(
    "recovery_without_producers", "after a restart or a cut, a log has forgotten its producers", partition=_Partition
)
