"""Last stable offset: nobody who reads what is committed is given an undecided transaction, or an aborted one unawares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.records import TopicPartition
from sim.judges.invariants.end_markers import end_marker_in
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import (
    BecameFollower,
    BecameLeader,
    HighWatermarkAdvanced,
    LastStableOffsetMoved,
    MarkerAppended,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sim.cluster.broker.partition import Partition
    from sim.cluster.stored_batch import StoredBatch
    from sim.judges.invariants.chronicle import Chronicle


class _Aborted(NamedTuple):
    producer_id: int
    first_offset: int
    marker_offset: int


class _Decided(NamedTuple):
    """What the batches of a log say of its transactions."""

    undecided: list[int]
    """Where those begin that have no marker below the high watermark."""
    aborted: list[_Aborted]


class LastStableOffset(Invariant):
    """Goes through the batches a second time, whenever a replica says that something is decided."""

    NAME = "last stable offset"
    PROMISE = (
        "a replica's last stable offset is where the first transaction begins that no marker below its high watermark has ended, and of "
        "each that an abort marker ended it tells who reads there"
    )

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._known: dict[tuple[str, int], None] = {}
        """Partitions in which there was a transaction: the others are not read again with each high watermark."""

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            LastStableOffsetMoved: self._moved,
            MarkerAppended: self._moved,
            HighWatermarkAdvanced: self._advanced,
            BecameLeader: self._advanced,
            BecameFollower: self._advanced,
        }

    def _moved(self, event: LastStableOffsetMoved | MarkerAppended) -> None:
        self._known[event.topic, event.partition] = None
        self._advanced(event)

    def _advanced(
        self, event: LastStableOffsetMoved | MarkerAppended | HighWatermarkAdvanced | BecameLeader | BecameFollower
    ) -> None:
        if (event.topic, event.partition) not in self._known:
            return
        replica = self.disks.replica(event.broker, TopicPartition(event.topic, event.partition))
        if replica is not None:
            self._hold(event.broker, replica)

    def look(self) -> None:
        for broker, _, replica in tuple(self.disks.replicas()):
            self._hold(broker, replica)

    def _hold(self, broker: int, replica: Partition) -> None:
        tp, log = replica.tp, replica.log
        if self.disks.has_flipped(broker, tp):
            # What a marker says that has gone bad is anybody's guess, its broker's, too.
            return
        decided = _decided(self.disks.held(broker, tp), log.high_watermark)
        expected = min([log.high_watermark, *[max(first, log.start_offset) for first in decided.undecided]])
        if log.last_stable_offset != expected:
            self.breach(
                f"the last stable offset of {tp} is {log.last_stable_offset} on b{broker}, and its log says {expected} (high watermark "
                f"{log.high_watermark})"
            )
        for one in decided.aborted:
            if one.marker_offset < max(log.file.bases[0], log.start_offset):
                continue
            told = log.aborted_transactions(max(one.first_offset, log.start_offset), one.marker_offset + 1)
            if one not in [(other.producer_id, other.first_offset, other.last_offset) for other in told]:
                self.breach(
                    f"b{broker} tells nobody that producer {one.producer_id} aborted what it wrote to {tp} from offset "
                    f"{one.first_offset} to {one.marker_offset}"
                )


def _decided(log: Iterable[StoredBatch], high_watermark: int) -> _Decided:
    begun: dict[int, int] = {}
    undecided: list[int] = []
    aborted: list[_Aborted] = []
    for stored in log:
        header = stored.header
        if not header.is_transactional or header.producer_id < 0:
            continue
        if not header.is_control:
            begun.setdefault(header.producer_id, stored.base_offset)
            continue
        marker = end_marker_in(stored.data)
        first_offset = begun.pop(header.producer_id, None)
        if marker is None or first_offset is None:
            continue
        if stored.base_offset >= high_watermark:
            undecided.append(first_offset)
        if not marker.is_commit:
            aborted.append(_Aborted(header.producer_id, first_offset, stored.base_offset))
    return _Decided(undecided + list(begun.values()), aborted)
