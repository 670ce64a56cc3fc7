"""Compaction: a cleaner removes only what a later record of its key makes old, and tombstones whose time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from producer.wire.compacted_batch import NO_HORIZON, delete_horizon_ms
from producer.wire.record_batch import decode_records
from sim.cluster.broker.compaction import is_aborted
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import SegmentsCleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from producer.wire.record_batch import BatchRecord
    from sim.cluster.broker.partition import Partition
    from sim.cluster.stored_batch import StoredBatch


class Compaction(Invariant):
    """Reads what lay there and what is left, record by record. Stands first: what lay there nobody can look at later."""

    NAME = "compaction"
    PROMISE = (
        "a cleaner touches nothing above the high watermark nor in the segment that is written to; it removes a record only if a later "
        "one has its key, or it has none, or it is a tombstone whose time is over; whatever is left is what it was, where it was, and "
        "what each producer wrote last is left at least as an empty batch"
    )

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {SegmentsCleaned: self._was_cleaned}

    def _was_cleaned(self, event: SegmentsCleaned) -> None:
        tp = TopicPartition(event.topic, event.partition)
        replica = self.disks.replica(event.broker, tp)
        where = f"{tp} at {event.from_offset}..{event.to_offset - 1} on b{event.broker}"
        if replica is None:
            self.breach(f"{where} was cleaned, and there is no replica of it")
            return
        log = replica.log
        if event.to_offset > log.high_watermark or event.to_offset > log.file.bases[-1]:
            self.breach(
                f"{where} was cleaned, with high watermark {log.high_watermark}, and a last segment from {log.file.bases[-1]}"
            )
            return
        # Another way that its log went before its leader's begins is nobody's to compare.
        first = max(event.from_offset, self.disks.joined_at(event.broker, tp))
        before = self.chronicle.lay_at(event.broker, tp, first, log.high_watermark)
        after = self.disks.lies_at(event.broker, tp, first, event.to_offset)
        told = {offset for offset in event.removed if offset >= first}
        aborted = log.transaction_index.until(log.high_watermark)
        makes_old = [one for one in before if not one.header.is_control and not is_aborted(one, aborted)]
        what = (
            _wrong(before, after, event)
            or _missing(before, makes_old, after, event, told)
            or _forgotten(before, after, event, replica)
        )
        if what:
            self.breach(f"{where} was cleaned, and {what}")

    def look(self) -> None:
        for broker, tp, replica in self.disks.replicas():
            first = max(self.disks.first_offset(broker, tp), self.disks.joined_at(broker, tp))
            closed = self.chronicle.lay_at(broker, tp, first, replica.log.file.bases[-1])
            written = {_place(stored): stored for stored in self.disks.log(broker, tp)} if closed else {}
            for stored in closed:
                if stored is not written.get(_place(stored)):
                    what = _other(written.get(_place(stored)), stored)
                    if what:
                        self.breach(f"b{broker} holds in {tp} what was cleaned, and {what}")
                        return


def _wrong(before: Sequence[StoredBatch], after: Sequence[StoredBatch], event: SegmentsCleaned) -> str:
    """Say which batch that is left is not what it was; empty if each is."""
    known = {_place(stored): stored for stored in before}
    for stored in after:
        source = known.get(_place(stored))
        what = _other(source, stored)
        if what:
            return what
        assert source is not None
        horizon_ms, before_ms = delete_horizon_ms(stored.header), delete_horizon_ms(source.header)
        if stored.header.record_count and before_ms not in {NO_HORIZON, horizon_ms}:
            return (
                f"tombstones at {stored.base_offset} were to go from {before_ms} on, and are to go from {horizon_ms} on"
            )
        if before_ms == NO_HORIZON and horizon_ms != NO_HORIZON and horizon_ms < event.began_ms:
            return f"tombstones at {stored.base_offset} may go from {horizon_ms} on, before a cleaner came by"
    return ""


def _other(source: StoredBatch | None, stored: StoredBatch) -> str:
    """Say what a batch has become, beside losing records; empty if nothing else."""
    if source is None:
        return f"offset {stored.base_offset} was not there before"
    one, two = source.header, stored.header
    if (one.last_offset_delta, one.producer_id, one.producer_epoch, one.base_sequence) != (
        two.last_offset_delta,
        two.producer_id,
        two.producer_epoch,
        two.base_sequence,
    ):
        return f"the batch at {stored.base_offset} was {one}, and is {two}"
    if not set(_records(stored)) <= set(_records(source)):
        return f"the batch at {stored.base_offset} holds a record that it did not hold"
    return ""


def _missing(
    before: Sequence[StoredBatch],
    makes_old: Sequence[StoredBatch],
    after: Sequence[StoredBatch],
    event: SegmentsCleaned,
    told: set[int],
) -> str:
    """Say which record is missing that was to stay; empty if none is."""
    records = [(stored, record) for stored in before for record in _records(stored)]
    newest = {record.key: record.offset for stored in makes_old for record in _records(stored)}
    kept = {record.offset for stored in after for record in _records(stored)}
    gone = [one for one in records if one[1].offset < event.to_offset and one[1].offset not in kept]
    if {record.offset for _, record in gone} != told:
        return f"removed were {sorted(told)} by the trace, and {[record.offset for _, record in gone]} by the file"
    for stored, record in gone:
        is_newest = record.key is not None and newest.get(record.key, -1) <= record.offset
        horizon_ms = delete_horizon_ms(stored.header)
        is_due = record.value is None and horizon_ms != NO_HORIZON and horizon_ms <= event.began_ms
        if is_newest and not is_due:
            why = f", a tombstone that may go from {horizon_ms} on" if record.value is None else ""
            return f"offset {record.offset} is gone, the last of key {record.key!r}{why}"
    return ""


def _forgotten(
    before: Sequence[StoredBatch], after: Sequence[StoredBatch], event: SegmentsCleaned, replica: Partition
) -> str:
    """Say which producer's last batch is gone; empty if none is."""
    there = {stored.last_offset for stored in before if stored.base_offset < event.to_offset}
    left = {stored.last_offset for stored in after}
    for producer_id, offset in replica.log.producers.last_offsets().items():
        if offset in there and offset not in left:
            return f"nothing is left of what producer {producer_id} wrote last, at offset {offset}"
    return ""


def _records(stored: StoredBatch) -> tuple[BatchRecord, ...]:
    return decode_records(stored.data)


def _place(stored: StoredBatch) -> tuple[int, int]:
    return stored.leader_epoch, stored.base_offset
