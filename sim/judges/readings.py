"""What readers were given, beside what lay there: each read linked to the batch that it came from.

The link is what the reader held: the partition, the offset, and the leader epoch in the batch's own bytes. Where that leads
to no batch that any leader appended, what lies at the offset in the end counts, if it has the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from producer.records import TopicPartition
from sim.judges.history import History, Read, ReaderWay
from sim.judges.record_id import RecordId
from sim.judges.replica_log import LogEntry

UNKNOWN_EPOCH = -1


class Lying(NamedTuple):
    """One offset of a partition, and what lies there."""

    offset: int
    entry: LogEntry
    record: RecordId | None
    """None where it is not known what a foreign client sent."""

    def is_same(self, other: Lying) -> bool:
        """Whether it is the same append, wherever it was copied to."""
        return (self.offset, self.entry.leader_epoch, self.entry.appended) == (
            other.offset,
            other.entry.leader_epoch,
            other.entry.appended,
        )


class Readings:
    """Each read with what was read."""

    def __init__(
        self,
        history: History,
        appended: Iterable[tuple[TopicPartition, int, LogEntry]],
        final: Mapping[TopicPartition, Sequence[LogEntry]],
    ) -> None:
        """Take what was sent and read, every batch that leaders appended, and what is committed in the end."""
        self._history = history
        self._appended: dict[tuple[TopicPartition, int, int], list[Lying]] = {}
        for where, _, entry in appended:
            for lying in _offsets(entry):
                self._appended.setdefault((where, entry.leader_epoch, lying.offset), []).append(lying)
        self.final: dict[TopicPartition, dict[int, Lying]] = {
            where: {lying.offset: lying for entry in entries for lying in _offsets(entry)}
            for where, entries in final.items()
        }
        """Partition -> offset -> what lies there in the final committed log."""
        self.given: dict[int, Lying | None] = {read.event: self._find(read) for read in history.read}
        """Event of a read -> what was read; None for what no leader appended."""

    def record_at(self, read: Read) -> RecordId | None:
        """Which record was to be read there; None where nobody knows."""
        lying = self.given[read.event] or self.final.get(read.where, {}).get(read.offset)
        return None if lying is None else lying.record

    def has_readers(self, where: TopicPartition) -> bool:
        """Whether anybody reads that partition at all."""
        whole = self._history.whole
        return any(topic == where.topic for _, topic in whole) or any(way.where == where for way in self.ways)

    @property
    def ways(self) -> list[ReaderWay]:
        """Each reader's way through each partition."""
        return list(self._history.ways.values())

    def _find(self, read: Read) -> Lying | None:
        known = self._appended.get((read.where, read.leader_epoch, read.offset), ())
        before = [lying for lying in known if lying.entry.appended < read.event]
        if before:
            return self._of_either_topic(read, before)
        lying = self.final.get(read.where, {}).get(read.offset)
        if lying is None or read.leader_epoch == UNKNOWN_EPOCH:
            return lying
        return lying if self._has_bytes(lying, read) else None

    def _of_either_topic(self, read: Read, known: Sequence[Lying]) -> Lying:
        """Give the last append there; where a topic was made anew, the one of those that has the bytes.

        The next topic begins its offsets and its epochs where the former did, and a fetch that was under way when that was
        deleted brings what lay in it.
        """
        last = known[-1]
        deleted = self._history.deleted.get(read.where.topic)
        if deleted is None or last.entry.appended < deleted:
            return last
        return next((lying for lying in reversed(known) if self._has_bytes(lying, read)), last)

    def _has_bytes(self, lying: Lying, read: Read) -> bool:
        if lying.record is None:
            return False
        sent = self._history.as_written(lying.record, read.key, read.value)
        return (sent.key, sent.value) == (read.key, read.value)


def _offsets(entry: LogEntry) -> list[Lying]:
    if entry.is_control:
        return []
    if not entry.records:
        return [Lying(offset, entry, None) for offset in entry.span if offset not in entry.gone]
    return [Lying(offset, entry, record) for offset, record in entry.rows() if offset in entry.span]
