"""A leader that appends a batch although those before it are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.producer_state import ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Accepting(ProducerStates):
    """Minds sequences that come again, and none that are left out."""

    def check(self, header: BatchHeader) -> Code:
        code = super().check(header)
        producer = self._producers.get(header.producer_id)
        if code is Code.OUT_OF_ORDER_SEQUENCE_NUMBER and producer is not None and producer.batches:
            is_gap = (
                header.producer_epoch == producer.epoch and header.base_sequence > producer.batches[-1].last_sequence
            )
            return Code.NONE if is_gap else code
        return code


class _Lax(PartitionLog):
    def _recover(self) -> None:
        self.producers = _Accepting()
        super()._recover()


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Lax(log.file, high_watermark=log.high_watermark))


ACCEPTED_GAP = Mutant("accepted_gap", "a leader appends a batch whose predecessors it never got", partition=_Partition)
