"""High watermark: within a leader's term it never falls, and it never lies beyond the end of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.judges.invariants.disks import end_of
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import BatchAppended, HighWatermarkAdvanced, TopicDeleted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.partition import Partition
    from sim.judges.invariants.chronicle import Chronicle


class HighWatermark(Invariant):
    """Reads the high watermark that a replica holds in memory, and remembers a leader's."""

    NAME = "high watermark"
    PROMISE = "a high watermark never falls within a leader's term, and never lies beyond the end of the log"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._newest: dict[tuple[TopicPartition, int], tuple[int, int]] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            HighWatermarkAdvanced: self._advanced,
            BatchAppended: self._appended,
            TopicDeleted: self._deleted,
        }

    def _deleted(self, event: TopicDeleted) -> None:
        self._newest = {key: known for key, known in self._newest.items() if key[0].topic != event.topic}

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        tp, log, replica = self.disks.here(event)
        if replica is None or replica.log.high_watermark != event.high_watermark:
            held = "nothing" if replica is None else replica.log.high_watermark
            self.breach(f"b{event.broker} tells of high watermark {event.high_watermark} in {tp}, and holds {held}")
        else:
            self._compare(event.broker, tp, replica, end_of(log))

    def _appended(self, event: BatchAppended) -> None:
        tp, log, replica = self.disks.here(event)
        if replica is not None:
            self._compare(event.broker, tp, replica, end_of(log))

    def _compare(self, broker: int, tp: TopicPartition, replica: Partition, end_offset: int) -> None:
        high_watermark = replica.log.high_watermark
        if high_watermark > end_offset:
            self.breach(f"b{broker} has high watermark {high_watermark} in {tp}, and its log ends at {end_offset}")
        if replica.is_leader and not self.chronicle.is_of_former_topic(broker, tp):
            epoch, before = self._newest.get((tp, broker), (-1, -1))
            if epoch == replica.leader_epoch and high_watermark < before:
                self.breach(f"the high watermark of {tp} fell from {before} to {high_watermark} on leader b{broker}")
            self._newest[tp, broker] = replica.leader_epoch, high_watermark

    def look(self) -> None:
        for broker, tp, replica in self.disks.replicas():
            self._compare(broker, tp, replica, self.disks.end(broker, tp))
