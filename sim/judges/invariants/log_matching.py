"""Log matching: who holds the same offset of the same leader epoch holds the same bytes, there and everywhere before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.wire.record_batch import read_header
from sim.judges.invariants.disks import is_same
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import BatchAppended, BatchReplicated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from producer.records import TopicPartition
    from sim.cluster.stored_batch import StoredBatch


class LogMatching(Invariant):
    """Notes each batch ever appended and the one before it: so by induction the whole log below is compared."""

    NAME = "log matching"
    PROMISE = "replicas that hold a batch of the same offset and leader epoch hold the same bytes, there and before"

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {BatchAppended: self._appended, BatchReplicated: self._replicated}

    def _appended(self, event: BatchAppended) -> None:
        tp, log, _ = self.disks.here(event)
        self._compare(event.broker, tp, log, is_new=True)

    def _replicated(self, event: BatchReplicated) -> None:
        tp, log, _ = self.disks.here(event)
        self._compare(event.broker, tp, log, is_new=False)

    def _compare(self, broker: int, tp: TopicPartition, log: Sequence[StoredBatch], *, is_new: bool) -> None:
        """Look at the last batch of a log, which was just appended."""
        if not log or self.chronicle.is_of_former_topic(broker, tp):
            return
        stored, before = log[-1], log[-2] if len(log) > 1 else None
        known = self.chronicle.written.get(tp)
        if known is None:
            known = self.chronicle.written[tp] = {}
        key = stored.leader_epoch, stored.base_offset
        first = known.get(key)
        if first is None:
            known[key] = stored, before
            if not is_new:
                self.breach(f"b{broker} copied a batch of {tp} that no leader wrote: {_at(stored)}")
            self._decode(broker, tp, stored)
        elif is_new:
            self.breach(f"b{broker} wrote {tp} {_at(stored)} a second time")
        elif not is_same(first[0], stored):
            self.breach(f"b{broker} holds other bytes of {tp} {_at(stored)} than the leader that wrote it")
        elif not (first[1] is before or (first[1] is not None and before is not None and is_same(first[1], before))):
            if self.chronicle.joins_leader(broker, tp):
                return
            self.breach(f"b{broker} holds {tp} {_at(stored)} behind another batch than the leader that wrote it")

    def _decode(self, broker: int, tp: TopicPartition, stored: StoredBatch) -> None:
        """The bytes themselves say what is known of a batch."""
        header = read_header(stored.data)
        named = stored.base_offset, stored.last_offset, stored.leader_epoch
        if header != stored.header or named != (
            header.base_offset,
            header.last_offset,
            header.partition_leader_epoch,
        ):
            self.breach(f"b{broker} holds bytes at {tp} {_at(stored)} that say something else: {header}")

    def look(self) -> None:
        written: dict[tuple[TopicPartition, int, int], tuple[int, bytes, object]] = {}
        for broker, tp, log in self.disks.logs():
            if self.chronicle.is_of_former_topic(broker, tp):
                continue
            before: object = None
            for stored in log:
                here = tp, stored.leader_epoch, stored.base_offset
                first = written.setdefault(here, (broker, stored.data, before))
                if first[1] != stored.data or first[2] != before:
                    self.breach(f"b{first[0]} and b{broker} differ in {tp} at or before {_at(stored)}")
                    return
                before = here[1:]


def _at(stored: StoredBatch) -> str:
    return f"offset {stored.base_offset} of leader epoch {stored.leader_epoch}"
