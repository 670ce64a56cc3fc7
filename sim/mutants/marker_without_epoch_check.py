"""A leader that writes the end of a transaction for whoever asks: for a coordinator that was replaced, and for an epoch that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.producer_state import ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Trusting(ProducerStates):
    """Takes any marker."""

    def check_marker(
        self,
        producer_id: int,  # noqa: ARG002
        producer_epoch: int,  # noqa: ARG002
        *,
        coordinator_epoch: int,  # noqa: ARG002
        transaction_version: int,  # noqa: ARG002
    ) -> Code:
        return Code.NONE


class _Open(PartitionLog):
    def _recover(self) -> None:
        self.producers = _Trusting()
        super()._recover()


class _Partition(Partition):
    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, _Open(log.file, high_watermark=log.high_watermark))


MARKER_WITHOUT_EPOCH_CHECK = Mutant(
    "marker_without_epoch_check",
    "a leader ends transactions for a coordinator, or a producer's epoch, that is no longer",
    partition=_Partition,
    is_of_transactions=True,
)
