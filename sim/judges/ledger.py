"""The ledger: what the judges ask of a trace that is folded: which records lie where in the end, and what shows it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.judges.decisions import NEVER, Decisions
from sim.judges.fold import Fold
from sim.judges.history import ACKNOWLEDGED
from sim.judges.readings import Readings
from sim.judges.record_id import RecordId
from sim.judges.replica_log import Attempt, LogEntry, ReplicaLog
from sim.judges.verdict import Finding, Moment, Replica

if TYPE_CHECKING:
    from collections.abc import Sequence

SEQUENCE_MASK = (1 << 31) - 1
"""Sequence numbers wrap from 2^31 - 1 to 0."""


class Placed(NamedTuple):
    """One record in the final log of a partition."""

    where: TopicPartition
    offset: int
    entry: LogEntry


class Corrupt(NamedTuple):
    """One record on one disk, in other bytes than were written."""

    where: TopicPartition
    offset: int
    broker: int
    event: int
    """Sequence number of the event that made it so."""


class Ledger(Fold):
    """Everything the judges ask of one run. Fold with `Ledger(events)`; nothing changes afterwards."""

    @cached_property
    def is_final(self) -> bool:
        """Whether the run ended with every partition led and every replica in sync."""
        return self.ended is not None and self.ended.is_settled and None not in self._final_logs.values()

    @cached_property
    def _final_logs(self) -> dict[TopicPartition, ReplicaLog | None]:
        found: dict[TopicPartition, ReplicaLog | None] = {}
        for where, elections in self.elections.items():
            leader = elections[-1][1].leader
            found[where] = None if leader < 0 else self._log(where, leader)
        return found

    @cached_property
    def placed(self) -> dict[TopicPartition, list[tuple[int, RecordId, LogEntry]]]:
        """Partition -> (offset, record, entry) of every record in its final committed log, by offset.

        That is the last elected leader's log up to its high watermark: what a consumer sees.
        """
        return {
            where: [
                (offset, record, entry)
                for entry in entries
                for offset, record in entry.rows()
                if offset <= entry.last_offset
            ]
            for where, entries in self.final.items()
        }

    @cached_property
    def final(self) -> dict[TopicPartition, list[LogEntry]]:
        """Partition -> the batches of its final committed log; one that the high watermark cuts ends there, one that the log's
        start cuts begins there.
        """
        result: dict[TopicPartition, list[LogEntry]] = {}
        for where, log in self._final_logs.items():
            entries = result[where] = []
            if log is None:
                continue
            for entry in log.entries:
                if entry.base_offset >= log.high_watermark:
                    break
                if entry.last_offset < log.start_offset:
                    continue
                is_cut = entry.base_offset < log.start_offset
                seen = entry.between(log.start_offset, log.high_watermark) if is_cut else entry
                entries.append(seen._replace(last_offset=min(seen.last_offset, log.high_watermark - 1)))
        return result

    @cached_property
    def places(self) -> dict[RecordId, list[Placed]]:
        """Record -> where it lies in the final committed logs; a record that lies nowhere is missing."""
        result: dict[RecordId, list[Placed]] = {}
        for where, rows in self.placed.items():
            for offset, record, entry in rows:
                result.setdefault(record, []).append(Placed(where, offset, entry))
        return result

    @cached_property
    def written(self) -> dict[RecordId, list[Placed]]:
        """Record -> where leaders ever appended it, in the order of the trace."""
        result: dict[RecordId, list[Placed]] = {}
        for where, _, entry in self.appended:
            for offset, record in enumerate(entry.records, start=entry.base_offset):
                result.setdefault(record, []).append(Placed(where, offset, entry))
        return result

    @cached_property
    def decisions(self) -> Decisions:
        """How transactions ended, in the logs."""
        return Decisions(self.markers, self.committed, self.committed_before, self.final, self.outlived)

    @cached_property
    def readings(self) -> Readings:
        """What each reader was given, and what ought to be."""
        return Readings(self.history, self.appended, self.final)

    @cached_property
    def deleted(self) -> frozenset[RecordId]:
        """Records that went with a topic which somebody deleted, and were not written into the next of its name."""
        return frozenset(record for record in self.removed if record not in self.places)

    @cached_property
    def retired(self) -> frozenset[RecordId]:
        """Records that were committed, and removed as their topic's settings say, or as somebody wanted; they are nowhere else."""
        return frozenset(record for record in self.outlived_records if record not in self.places)

    @cached_property
    def held(self) -> frozenset[RecordId]:
        """Every record that any broker's log still holds, committed or not."""
        return frozenset(
            record
            for replicas in self.logs.values()
            for log in replicas.values()
            for entry in log.entries
            for _, record in entry.rows()
        )

    @cached_property
    def corrupt(self) -> dict[RecordId, list[Corrupt]]:
        """Record -> the disks on which it lies in other bytes than were written."""
        result: dict[RecordId, list[Corrupt]] = {}
        for where, replicas in self.logs.items():
            for log in replicas.values():
                for entry in log.entries:
                    if entry.flipped >= 0:
                        for offset, record in entry.rows():
                            result.setdefault(record, []).append(Corrupt(where, offset, log.broker, entry.flipped))
        return result

    def is_corrupt_everywhere(self, record: RecordId) -> bool:
        """Whether there are disks that hold it, and none in the bytes that were written."""
        corrupt = {(one.where, one.offset, one.broker) for one in self.corrupt.get(record, ())}
        return bool(corrupt) and corrupt == {
            (where, offset, log.broker)
            for where, replicas in self.logs.items()
            for log in replicas.values()
            for offset in log.offsets_of(record)
        }

    @cached_property
    def _batches_of(self) -> dict[RecordId, list[tuple[tuple[str, int], int]]]:
        """Record -> each batch that it was ever in, the latest last, and its place there: who batches anew makes several."""
        result: dict[RecordId, list[tuple[tuple[str, int], int]]] = {}
        for batch, records in self.batches.items():
            for place, record in enumerate(records):
                result.setdefault(record, []).append((batch, place))
        return result

    @cached_property
    def _attempts_of(self) -> dict[tuple[str, int], list[tuple[TopicPartition, Attempt]]]:
        result: dict[tuple[str, int], list[tuple[TopicPartition, Attempt]]] = {}
        for (*_, where), attempt in self.attempts.items():
            result.setdefault((attempt.client, attempt.batch), []).append((where, attempt))
        return result

    @cached_property
    def _appended_of(self) -> dict[tuple[str, int], list[tuple[TopicPartition, int, LogEntry]]]:
        result: dict[tuple[str, int], list[tuple[TopicPartition, int, LogEntry]]] = {}
        for where, broker, entry in self.appended:
            if entry.attempt is not None:
                result.setdefault((entry.attempt.client, entry.attempt.batch), []).append((where, broker, entry))
        return result

    def finding(self, record: RecordId, what: str, *more: Moment) -> Finding:
        """Gather all there is about a record: identity, its offset on each broker, and the events that matter."""
        sent = self.history.sent[record]
        told = self.history.told.get(record)
        moments = [Moment("send", sent.event), *more]
        if told is not None:
            moments.append(Moment("acknowledgement" if told.outcome == ACKNOWLEDGED else "failure", told.event))
        where = TopicPartition(sent.topic, -1 if told is None else told.partition)
        producer_id, producer_epoch, sequence = NO_PRODUCER_ID, NO_PRODUCER_EPOCH, NO_SEQUENCE
        for batch, place in self._batches_of.get(record, ()):
            for tried_at, attempt in self._attempts_of.get(batch, ()):
                where = tried_at
                producer_id, producer_epoch = attempt.producer_id, attempt.producer_epoch
                if attempt.base_sequence != NO_SEQUENCE:
                    sequence = (attempt.base_sequence + place) & SEQUENCE_MASK
                moments.append(Moment("request", attempt.event))
                request = (attempt.client, attempt.connection, attempt.correlation_id)
                moments += [Moment("answer", number) for number in self.spoilt.get(request, ())]
            moments += self._appends(batch)
            if batch in self.recognised:
                moments.append(Moment("recognised", self.recognised[batch]))
        replicas = self._replicas(record, where)
        moments += self._truncations(record, where)
        ordered = tuple(sorted(set(moments), key=lambda moment: moment.event))
        return Finding(
            record.client,
            record.number,
            self.history.name(record),
            sent.key,
            where.topic,
            where.partition,
            producer_id,
            producer_epoch,
            sequence,
            what,
            replicas,
            ordered,
        )

    def counting(self, record: RecordId) -> list[Placed]:
        """Where a record lies and counts: what its application wrote in a transaction does if a marker commits it."""
        places = self.places.get(record, [])
        if not self.history.transactions.is_known_to_brokers(record):
            return places
        decided = [(place, self.decisions.final(place.where, place.entry)) for place in places]
        return [place for place, end in decided if end is not None and end.is_commit]

    def fate(self, record: RecordId) -> str:
        """Say why a record does not count."""
        told = []
        for place in self.places.get(record, ()):
            end = self.decisions.final(place.where, place.entry)
            how = "lies before no marker" if end is None else f"is aborted at offset {end.offset}"
            told.append(f"{how}, at {place.where} offset {place.offset}")
        return ", ".join(told) or "lies nowhere"

    def counts_as_position(self, where: TopicPartition, entry: LogEntry) -> bool:
        """Whether what a coordinator of groups appended counts: of a transaction, if that is committed."""
        end = self.decisions.final(where, entry)
        return entry.producer_id == NO_PRODUCER_ID or (end is not None and end.is_commit)

    def is_removed(self, record: RecordId) -> bool:
        """Whether a record was there and lies nowhere now, as somebody wanted, or by its topic's settings."""
        return record in self.deleted or record in self.retired

    def not_given(self, where: TopicPartition, entry: LogEntry, by: int) -> str:
        """Say why who reads what is committed may not be given a batch, before the event `by`; empty if he may."""
        transactions = self.history.transactions
        is_transactional = any(transactions.is_known_to_brokers(record) for record in entry.records[:1])
        return self.decisions.wrong(where, entry, by, is_transactional=is_transactional)

    def is_withheld(self, where: TopicPartition, entry: LogEntry) -> bool:
        """Whether who reads what is committed is not due a batch, in the end: its transaction was aborted, or is not decided."""
        log = self._final_logs.get(where)
        undecided = None if log is None else self.undecided.get((where, log.broker))
        return (undecided is not None and entry.last_offset >= undecided) or bool(self.not_given(where, entry, NEVER))

    def recognised_with(self, record: RecordId, by: int) -> Sequence[RecordId]:
        """Give the records of its batch if that came once more, before the event `by`, to a leader that had it; else none."""
        for batch, _ in reversed(self._batches_of.get(record, [])):
            if self.recognised.get(batch, by) < by:
                return self.batches[batch]
        return ()

    def nobody_s(self, where: TopicPartition, name: str, what: str, *moments: Moment) -> Finding:
        """Make a finding about something that no producer in the trace sent; `name` is what to call it."""
        return Finding("", -1, name, None, *where, NO_PRODUCER_ID, NO_PRODUCER_EPOCH, NO_SEQUENCE, what, (), moments)

    def _appends(self, batch: tuple[str, int]) -> list[Moment]:
        """Give the appends of a batch, and each election of its partition after the first one."""
        found = self._appended_of.get(batch, ())
        moments = [Moment("append", entry.appended) for _, _, entry in found]
        for where, _, entry in found[:1]:
            for number, _ in self.elections.get(where, ()):
                if number > entry.appended:
                    moments.append(Moment("election", number))
        return moments

    def _replicas(self, record: RecordId, where: TopicPartition) -> tuple[Replica, ...]:
        elections = self.elections.get(where)
        logs = self.logs.get(where, {})
        brokers = elections[-1][1].replicas if elections else tuple(sorted(logs))
        corrupt = {(one.broker, one.offset) for one in self.corrupt.get(record, ())}
        found = []
        for broker in brokers:
            log = logs.get(broker)
            offsets = [] if log is None else log.offsets_of(record)
            lost = [] if log is None else [offset for offset, _ in log.truncated_of(record)]
            found += [
                Replica(broker, offset, "corrupt" if (broker, offset) in corrupt else "present") for offset in offsets
            ]
            found += [Replica(broker, offset, "truncated") for offset in lost]
            if not offsets and not lost:
                found.append(Replica(broker, -1, "never had"))
        return tuple(found)

    def _truncations(self, record: RecordId, where: TopicPartition) -> list[Moment]:
        return [
            Moment("truncation", number)
            for log in self.logs.get(where, {}).values()
            for _, number in log.truncated_of(record)
        ]
