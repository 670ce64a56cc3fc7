"""A leader that refuses a marker whose epoch it knows, though it wrote that marker itself and only its answer was lost (KAFKA-19999)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.producer_state import STRICT_SINCE, ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Strict(ProducerStates):
    """Takes no marker twice."""

    def check_marker(
        self, producer_id: int, producer_epoch: int, *, coordinator_epoch: int, transaction_version: int
    ) -> Code:
        if transaction_version >= STRICT_SINCE and self.is_fenced(producer_id, producer_epoch - 1):
            return Code.INVALID_PRODUCER_EPOCH
        return super().check_marker(
            producer_id,
            producer_epoch,
            coordinator_epoch=coordinator_epoch,
            transaction_version=transaction_version,
        )


class _Log(PartitionLog):
    def _recover(self) -> None:
        self.producers = _Strict()
        super()._recover()


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Log(log.file, high_watermark=log.high_watermark))


REPEATED_MARKER_REFUSED = Mutant(
    "repeated_marker_refused",
    "a leader refuses a marker that it has written, so that a coordinator without an answer never ends the transaction",
    partition=_Partition,
    is_of_transactions=True,
)
