"""Traced disks: what the trace tells of a log is what lies on the disk. Every verdict rests on this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.judges.invariants.disks import end_of, is_same
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import (
    BatchAppended,
    BatchReplicated,
    BitFlipped,
    BrokerStarted,
    LogRestarted,
    LogTruncated,
    SegmentsCleaned,
    SegmentsDeleted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sim.cluster.stored_batch import StoredBatch


class TracedDisks(Invariant):
    """Notes after each event what lies on the disk, and stands first: what was cut off nobody can look at later."""

    NAME = "traced disks"
    PROMISE = (
        "what the trace tells of a log is what lies on the disk: its batches, without a gap but where somebody cleaned, and where "
        "it ends"
    )

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            BatchAppended: self._grew,
            BatchReplicated: self._grew,
            LogTruncated: self._was_cut,
            SegmentsDeleted: self._lost_segments,
            SegmentsCleaned: self._was_cleaned,
            LogRestarted: self._began_anew,
            BitFlipped: self._flipped,
            BrokerStarted: self._started,
        }

    def _grew(self, event: BatchAppended | BatchReplicated) -> None:
        tp, log, _ = self.disks.here(event)
        seen = self.chronicle.seen_on(event.broker, tp)
        if self._is_copy_of_cleaned(event, tp, log, seen):
            return
        if len(log) != len(seen) + 1 or event.base_offset != end_of(seen):
            self._differ(event.broker, tp, event.last_offset + 1)
            return
        stored = log[-1]
        seen.append(stored)
        header = stored.header
        told = event.base_offset, event.last_offset, event.leader_epoch, event.crc
        if told != (stored.base_offset, stored.last_offset, stored.leader_epoch, header.crc):
            self.breach(f"b{event.broker} wrote another batch to {tp} than the trace tells: {header}")

    def _is_copy_of_cleaned(
        self,
        event: BatchAppended | BatchReplicated,
        tp: TopicPartition,
        log: Sequence[StoredBatch],
        seen: list[StoredBatch],
    ) -> bool:
        """Whether a follower copied what a cleaner had left of a batch, or passed a gap that one had left; if so, take it."""
        if not isinstance(event, BatchReplicated) or len(log) != len(seen) + 1:
            return False
        stored, chronicle = log[-1], self.chronicle
        key = stored.leader_epoch, stored.base_offset
        written, before = chronicle.written.get(tp, {}).get(key, (stored, None))
        is_behind_it = before is None or (bool(seen) and is_same(before, seen[-1]))
        if event.base_offset == end_of(seen) and is_same(written, stored) and is_behind_it:
            return False
        if chronicle.is_of_former_topic(event.broker, tp):
            seen[:] = log
            return True
        left = chronicle.cleaned.get((tp, *key, event.crc), written)
        missing = chronicle.between(tp, written, end_of(seen))
        before = chronicle.before(tp, missing[0] if missing else written)
        gone = missing
        is_behind_it = (before is None and not seen) or (
            before is not None and bool(seen) and is_same(before, seen[-1])
        )
        if not is_behind_it and before is not None:
            # It went another way there, and its leader has nothing left that could tell.
            gone = [before, *missing]
        is_known = all((tp, one.leader_epoch, one.base_offset) in chronicle.cleaned_away for one in gone)
        if not is_same(left, stored) or not is_known:
            return False
        if is_behind_it:
            seen += missing
        else:
            self.disks.note_another_way(event.broker, tp, stored.base_offset)
            seen[:] = chronicle.between(tp, written, 0)
        seen.append(written)
        self.disks.note_copied(event.broker, tp, seen, missing)
        return True

    def _was_cleaned(self, event: SegmentsCleaned) -> None:
        tp, chronicle = TopicPartition(event.topic, event.partition), self.chronicle
        first, end = event.from_offset, event.to_offset
        now = self.disks.lies_at(event.broker, tp, first, end)
        if tuple([(stored.base_offset, stored.header.crc) for stored in now]) != event.batches:
            self.breach(f"b{event.broker} holds other batches of {tp} at {first}..{end - 1} than are left by the trace")
        seen = chronicle.seen_on(event.broker, tp)
        written = [stored for stored in seen if first <= stored.base_offset < end]
        if not chronicle.is_of_former_topic(event.broker, tp):
            chronicle.note_cleaned(tp, written, now)
        self.disks.cleaned.note_own(event.broker, tp, written, now, end)
        below = [stored for stored in seen if stored.last_offset < end]
        self.disks.note_written(event.broker, tp, below, end)
        self._hold(event.broker, tp)

    def _was_cut(self, event: LogTruncated) -> None:
        tp = TopicPartition(event.topic, event.partition)
        if self.chronicle.begins_anew(event.broker, tp, event.to_offset):
            seen = self.chronicle.seen_on(event.broker, tp)
            self.chronicle.cut_off = list(seen)
            seen.clear()
            self.disks.note_cut(event.broker, tp, 0)
            self.chronicle.join(event.broker, tp, event.to_offset, ())
            self._hold(event.broker, tp)
            return
        self.disks.note_cut(event.broker, tp, event.to_offset)
        log = self.disks.log(event.broker, tp)
        seen = self.chronicle.seen_on(event.broker, tp)
        length = len(log)
        self.chronicle.cut_off = seen[length:]
        del seen[length:]
        self._hold(event.broker, tp)
        if end_of(seen) != event.to_offset:
            self._differ(event.broker, tp, event.to_offset)

    def _lost_segments(self, event: SegmentsDeleted) -> None:
        tp = TopicPartition(event.topic, event.partition)
        seen = self.chronicle.seen_on(event.broker, tp)
        first = self.disks.first_offset(event.broker, tp)
        if first != event.to_offset:
            self.breach(f"by the trace {tp} begins at {event.to_offset} on b{event.broker}, and its file at {first}")
        gone = [stored for stored in seen if stored.last_offset < event.to_offset]
        self.disks.note_gone(event.broker, tp, gone, event.to_offset)
        self._hold(event.broker, tp)

    def _began_anew(self, event: LogRestarted) -> None:
        tp = TopicPartition(event.topic, event.partition)
        self.chronicle.join(event.broker, tp, event.at_offset, ())
        self._hold(event.broker, tp)

    def _flipped(self, event: BitFlipped) -> None:
        tp = TopicPartition(event.topic, event.partition)
        seen = self.chronicle.seen_on(event.broker, tp)
        written = next(stored for stored in seen if stored.base_offset == event.base_offset)
        found = self.disks.note_flipped(event.broker, tp, written)
        (lay,) = self.disks.cleaned.lying(event.broker, tp, [written])
        bits = [(one ^ two).bit_count() for one, two in zip(found.data, lay.data, strict=True)]
        if found._replace(data=lay.data) != lay or sum(bits) > 1:
            self.breach(
                f"b{event.broker} holds something else in {tp} at {event.base_offset} than one bit could make of it"
            )

    def _started(self, event: BrokerStarted) -> None:
        for broker, tp, _ in self.disks.logs_of(event.broker):
            self._hold(broker, tp)

    def look(self) -> None:
        for broker, tp, log in self.disks.logs():
            self._hold(broker, tp)
            end_offset = 0
            for stored in log:
                if stored.base_offset != end_offset:
                    self.breach(
                        f"b{broker} has a gap in {tp}: offset {stored.base_offset} comes after {end_offset - 1}"
                    )
                end_offset = stored.last_offset + 1
        for broker, tp in self.chronicle.seen:
            self._hold(broker, tp)

    def _hold(self, broker: int, tp: TopicPartition) -> None:
        """The file is as long as it was when it was looked at last, and ends in the same batch."""
        seen, log = self.chronicle.seen_on(broker, tp), self.disks.log(broker, tp)
        if len(log) != len(seen) or (log and not is_same(log[-1], seen[-1])):
            self._differ(broker, tp, end_of(seen))

    def _differ(self, broker: int, tp: TopicPartition, told: int) -> None:
        end_offset = self.disks.end(broker, tp)
        self.breach(f"by the trace {tp} ends at {told} on b{broker}, and the file there ends at {end_offset}")
