"""How transactions ended in the logs: which marker decides a batch, by what lay there, not by what a coordinator says.

A producer whose transaction is open writes nothing besides: whatever it wrote since its marker before is part of what the next one ends
(KIP-98). So an end is followed by the log alone, and a batch that came late is of the transaction that it came into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from producer.records import TopicPartition
from sim.judges.replica_log import LogEntry
from sim.judges.verdict import Moment
from sim.trace.events import MarkerAppended

NEVER = 1 << 62
"""Behind every event of a trace."""


class End(NamedTuple):
    """The end of a transaction in one partition."""

    offset: int
    is_commit: bool
    producer_epoch: int
    leader_epoch: int
    event: int
    """By which a leader appended it."""
    committed: int
    """By which a high watermark rose above it; `NEVER` if none did."""
    stands: bool
    """Whether it is in the final committed log, or was removed from it as old."""


class Decisions:
    """Every end of a transaction, by partition and producer."""

    def __init__(
        self,
        markers: Mapping[TopicPartition, Sequence[tuple[int, LogEntry, MarkerAppended]]],
        committed: Mapping[tuple[TopicPartition, int, int], tuple[int, int]],
        committed_before: Mapping[int, tuple[int, int]],
        final: Mapping[TopicPartition, Sequence[LogEntry]],
        outlived: Mapping[tuple[TopicPartition, int, int], int],
    ) -> None:
        """Take every marker that a leader appended, and what a ledger knows of batches."""
        self._ends: dict[tuple[TopicPartition, int], list[End]] = {}
        standing = {
            (where, entry.appended) for where, entries in final.items() for entry in entries if entry.is_control
        }
        for where, appended in markers.items():
            for number, entry, marker in appended:
                here = where, marker.leader_epoch, marker.offset
                known = committed_before.get(entry.appended) or committed.get(here)
                end = End(
                    marker.offset,
                    marker.is_commit,
                    marker.producer_epoch,
                    marker.leader_epoch,
                    number,
                    NEVER if known is None else known[0],
                    (where, entry.appended) in standing or (where, entry.appended, marker.offset) in outlived,
                )
                self._ends.setdefault((where, marker.producer_id), []).append(end)
        for ends in self._ends.values():
            ends.sort(key=lambda end: (end.offset, end.event))

    def final(self, where: TopicPartition, entry: LogEntry) -> End | None:
        """What decides a batch of the final log; None for what nothing does, in a transaction or not."""
        ends = self._ends.get((where, entry.producer_id), ())
        return next((end for end in ends if end.stands and _is_behind(end, entry)), None)

    def wrong(self, where: TopicPartition, entry: LogEntry, by: int, *, is_transactional: bool) -> str:
        """Say what is wrong with giving a batch to who reads what is committed, before the event `by`; empty if nothing is.

        `is_transactional`: whether somebody knows that it is in a transaction, though nothing ever ended it.
        """
        own = self._own(where, entry)
        known = [end.is_commit for end in own if end.committed < by]
        if known and not all(known):
            return "was aborted with its transaction"
        return "was of a transaction that nobody had ended" if not known and (own or is_transactional) else ""

    def moments(self, where: TopicPartition, entry: LogEntry) -> list[Moment]:
        """Give the markers that decide a batch, in any log that had it."""
        return [
            Moment("commit marker" if end.is_commit else "abort marker", end.event) for end in self._own(where, entry)
        ]

    def _own(self, where: TopicPartition, entry: LogEntry) -> list[End]:
        """What decides a batch: one end, or several where the log was cut in between."""
        ends = self._ends.get((where, entry.producer_id), ())
        return [end for end in ends if _is_behind(end, entry) and not _comes_between(ends, entry, end)]


def _is_behind(end: End, entry: LogEntry) -> bool:
    """Whether it was appended behind a batch: what a log that was cut had there before does not decide what it has now."""
    return end.offset > entry.base_offset and end.event > entry.appended


def _comes_between(ends: Sequence[End], entry: LogEntry, end: End) -> bool:
    """Whether another end, in the log that this one was appended to, comes before it and decides the batch."""
    return any(
        _is_behind(one, entry)
        and one.offset < end.offset
        and one.event < end.event
        and one.leader_epoch <= end.leader_epoch
        for one in ends
    )
