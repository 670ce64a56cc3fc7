"""A partition that remembers four batches of each producer, where five may be in flight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.producer_state import ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


REMEMBERED = 4


class _Forgetful(ProducerStates):
    """The fifth batch back is unknown."""

    def duplicate_of(self, header: BatchHeader) -> tuple[int, int] | None:
        found = super().duplicate_of(header)
        producer = self._producers.get(header.producer_id)
        if found is None or producer is None:
            return found
        remembered = list(producer.batches)[-REMEMBERED:]
        return found if any(batch.base_offset == found[0] for batch in remembered) else None


class _Short(PartitionLog):
    def _recover(self) -> None:
        self.producers = _Forgetful()
        super()._recover()


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Short(log.file, high_watermark=log.high_watermark))


DEDUPE_WINDOW_OF_FOUR = Mutant(
    "dedupe_window_of_four",
    "a partition knows the last four batches of a producer instead of five",
    partition=_Partition,
)
