"""One replica's log as the trace tells it: batches with their records, and what was cut off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sim.judges.record_id import RecordId


class Attempt(NamedTuple):
    """One request that carried a batch."""

    client: str
    batch: int
    connection: int
    correlation_id: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    crc: int
    event: int
    """Sequence number in the trace of the `BatchSent`."""


class LogEntry(NamedTuple):
    """One batch in one replica's log."""

    base_offset: int
    last_offset: int
    leader_epoch: int
    crc: int
    records: Sequence[RecordId]
    """The first lies at `base_offset`. Empty when it is not known what a foreign client sent."""
    attempt: Attempt | None
    """The request that brought it to the leader; None for a foreign client's."""
    client: str
    appended: int
    """Sequence number of the leader's `BatchAppended`."""
    event: int
    """Sequence number of the event that put it into this log."""
    flipped: int = -1
    """Sequence number of the event since which this log holds other bytes; -1 where they are what was written."""
    producer_id: int = -1
    """Who wrote it, or whose transaction it ends; -1 where nobody says."""
    is_control: bool = False
    """Whether it is the end of a transaction: no record, and nobody is given it."""
    gone: frozenset[int] = frozenset()
    """Offsets in it of which a cleaner removed the records."""

    def rows(self) -> Iterable[tuple[int, RecordId]]:
        """Give each record that is there with its offset."""
        rows = enumerate(self.records, start=self.base_offset)
        return rows if not self.gone else [row for row in rows if row[0] not in self.gone]

    @property
    def span(self) -> range:
        """Every offset of the batch."""
        return range(self.base_offset, self.last_offset + 1)

    def between(self, first: int, end: int) -> LogEntry:
        """Give what of it lies from the offset `first` on and before `end`, perhaps nothing."""
        first, end = max(first, self.base_offset), min(end, self.last_offset + 1)
        records = self.records[first - self.base_offset : max(end - self.base_offset, 0)]
        return self._replace(base_offset=first, last_offset=max(end, first) - 1, records=records)


class Truncation(NamedTuple):
    """A batch, or the end of one, that a replica lost."""

    entry: LogEntry
    event: int
    """Sequence number of the `LogTruncated`."""


class ReplicaLog:
    """What one broker holds of one partition."""

    __slots__ = (
        "_committed",
        "_present",
        "_truncated",
        "broker",
        "entries",
        "high_watermark",
        "start_offset",
        "truncated",
    )

    def __init__(self, broker: int) -> None:
        self.broker = broker
        self.entries: list[LogEntry] = []
        self.truncated: list[Truncation] = []
        self.high_watermark = 0
        self.start_offset = 0
        """Nobody is given what is before it, whether it lies there yet or not."""
        self._committed = 0
        """How many of the first entries are known to lie below a high watermark."""
        self._present: dict[RecordId, list[int]] | None = None
        self._truncated: dict[RecordId, list[tuple[int, int]]] | None = None

    def offsets_of(self, record: RecordId) -> list[int]:
        """Where this log holds a record. Ask only once the fold is over."""
        if self._present is None:
            self._present = {}
            for entry in self.entries:
                for offset, one in entry.rows():
                    self._present.setdefault(one, []).append(offset)
        return self._present.get(record, [])

    def truncated_of(self, record: RecordId) -> list[tuple[int, int]]:
        """Where this log held a record once, and which event cut it off. Ask only once the fold is over."""
        if self._truncated is None:
            self._truncated = {}
            for entry, number in self.truncated:
                for offset, one in entry.rows():
                    self._truncated.setdefault(one, []).append((offset, number))
        return self._truncated.get(record, [])

    def commit(self, high_watermark: int) -> list[LogEntry]:
        """Take the high watermark as it is now. Gives the entries that came to lie below it, or the last one in part."""
        self.high_watermark = high_watermark
        entries, first = self.entries, self._committed
        last = first
        while last < len(entries) and entries[last].base_offset < high_watermark:
            last += 1
        self._committed = last
        if last > first and entries[last - 1].last_offset >= high_watermark:
            self._committed -= 1
        return entries[first:last]

    def advance_start(self, offset: int) -> list[LogEntry]:
        """Begin later. Gives the entries, or what of the last one, that nobody is given any more; it must be committed."""
        before, self.start_offset = self.start_offset, offset
        end = min(offset, self.high_watermark)
        return [
            part
            for entry in self.entries
            if entry.base_offset < offset and (part := entry.between(before, end)).last_offset >= part.base_offset
        ]

    def remove_before(self, offset: int) -> None:
        """Lose the entries that end before that offset."""
        count = 0
        for entry in self.entries:
            if entry.last_offset >= offset:
                break
            count += 1
        del self.entries[:count]
        self._committed = max(self._committed - count, 0)

    def clean(
        self, first: int, end: int, left: Mapping[int, int], removed: Sequence[int]
    ) -> tuple[list[tuple[int, LogEntry]], list[LogEntry]]:
        """Keep of the batches from one offset to another those that are left, by their first offset, under the CRCs of now.

        Gives each offset removed with the entry that it was in, and the entries that are not what they were.
        """
        now: list[LogEntry] = []
        changed: list[LogEntry] = []
        before = [entry for entry in self.entries if first <= entry.base_offset < end]
        gone = frozenset(removed)
        for entry in before:
            crc = left.get(entry.base_offset)
            if crc is None:
                continue
            kept = entry._replace(crc=crc, gone=entry.gone.union([offset for offset in gone if offset in entry.span]))
            now.append(kept)
            if crc != entry.crc:
                changed.append(kept)
        place = sum([entry.base_offset < first for entry in self.entries])
        self.entries[place : place + len(before)] = now
        # What is cleaned is committed, and so is what lies before it.
        self._committed = max(self._committed - len(before), place) + len(now)
        self._present = None
        found = [(offset, entry) for entry in before for offset in removed if offset in entry.span]
        return found, changed

    def restart(self, offset: int) -> None:
        """Lose everything, and begin there."""
        self.entries.clear()
        self._committed = 0
        self.start_offset = self.high_watermark = offset

    def flip(self, base_offset: int, event: int, *, is_whole: bool) -> None:
        """A bit of the batch there flipped; it is whole again if it was that bit before."""
        for place, entry in enumerate(self.entries):
            if entry.base_offset == base_offset:
                self.entries[place] = entry._replace(flipped=-1 if is_whole else event)

    def truncate(self, to_offset: int, event: int) -> None:
        """Lose everything from `to_offset` on; nothing beyond the end is committed (UnifiedLog.truncateTo)."""
        self.high_watermark = min(self.high_watermark, to_offset)
        self.start_offset = min(self.start_offset, to_offset)
        entries = self.entries
        while entries and entries[-1].last_offset >= to_offset:
            entry = entries.pop()
            kept = to_offset - entry.base_offset
            if kept > 0:
                entries.append(entry._replace(last_offset=to_offset - 1, records=entry.records[:kept]))
                entry = entry._replace(base_offset=to_offset, records=entry.records[kept:])
            self.truncated.append(Truncation(entry, event))
        self._committed = min(self._committed, len(entries))
