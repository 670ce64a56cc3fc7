"""A leader that knows a batch again, and answers acks=all before its followers have it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.producer_state import ProducerStates
from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


class _Knowing(ProducerStates):
    """Notes where the batches end that came again."""

    def __init__(self) -> None:
        super().__init__()
        self.repeated: set[int] = set()

    def duplicate_of(self, header: BatchHeader) -> tuple[int, int] | None:
        found = super().duplicate_of(header)
        if found is not None:
            self.repeated.add(found[1] + 1)
        return found


class _Hurried(Partition):
    """Lets nobody wait for what is in its own log already."""

    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        known = log.producers
        log.producers = self._knowing = _Knowing()
        self._knowing._producers = known._producers
        super().__init__(broker, tp, config, log)

    def await_watermark(self, required_offset: int, ended: Callable[[Code], object]) -> None:
        super().await_watermark(required_offset, ended)
        if required_offset in self._knowing.repeated:
            self._broker.world.call_in(1, partial(self._end, ended))

    def _end(self, ended: Callable[[Code], object]) -> None:
        if any(waiting == ended for _, waiting in self._produces):
            self.forget_await(ended)
            ended(Code.NONE)


REPEAT_ACKNOWLEDGED_AT_ONCE = Mutant(
    "repeat_acknowledged_at_once",
    "a batch that comes again is acknowledged before a follower has copied it",
    partition=_Hurried,
)
