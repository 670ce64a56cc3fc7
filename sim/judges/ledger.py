"""The oracle's one fold of a trace: every replica's log with the records in it, and what the applications were told.

The links: an engine says which records are in a batch (`RecordAccepted`) and which request carries it (`BatchSent`); a
leader says which request brought what it appended (`BatchAppended`); a follower's batch is the leader's of the same
partition, leader epoch and first offset. So each record is followed from `send` to its offset on each broker, without a
look into any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from producer.events import BatchSent, RecordAccepted
from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.judges.history import ACKNOWLEDGED, History, RecordId
from sim.judges.replica_log import Attempt, LogEntry, ReplicaLog
from sim.judges.verdict import Finding, Moment, Replica
from sim.trace.events import (
    BatchAppended,
    BatchReplicated,
    HighWatermarkAdvanced,
    LeaderElected,
    LogTruncated,
    ProduceAnswered,
    RecordAcknowledged,
    RecordFailed,
    RecordRead,
    RecordSent,
    ResponseDropped,
    RunEnded,
    SettingAltered,
    TopicCreated,
    TopicReconfigured,
)

SEQUENCE_MASK = (1 << 31) - 1
"""Sequence numbers wrap from 2^31 - 1 to 0."""


class Placed(NamedTuple):
    """One record in the final log of a partition."""

    where: TopicPartition
    offset: int
    entry: LogEntry


class Ledger:
    """Everything the judges ask of one run. Fold with `Ledger(events)`; nothing changes afterwards."""

    def __init__(self, events: Iterable[Any]) -> None:
        self.history = History()
        self.batches: dict[tuple[str, int], list[RecordId]] = {}
        """(client, batch) -> its records, in order."""
        self.attempts: dict[tuple[str, int, int, TopicPartition], Attempt] = {}
        """(client, connection, correlation id, partition) -> what that request carried to it."""
        self.logs: dict[TopicPartition, dict[int, ReplicaLog]] = {}
        """Partition -> broker -> its log."""
        self.appended: list[tuple[TopicPartition, int, LogEntry]] = []
        """Every batch a leader appended: where, on which broker, which; in the order of the trace."""
        self.elections: dict[TopicPartition, list[tuple[int, LeaderElected]]] = {}
        self.diverged: list[tuple[BatchReplicated, int]] = []
        """What followers appended under other bytes than their leader's, with the event's sequence number."""
        self.spoilt: dict[tuple[str, int, int], list[int]] = {}
        """(client, connection, correlation id) -> sequence numbers of the events that it was refused or got no answer."""
        self.stamped: set[str] = set()
        """Topics whose leaders stamp their time into batches: the checksum at the producer says nothing there."""
        self.ended: RunEnded | None = None
        self._by_epoch: dict[tuple[TopicPartition, int, int], LogEntry] = {}
        takes: dict[type[Any], Callable[[int, Any], None]] = {
            RecordSent: self.history.note_sent,
            RecordAcknowledged: self.history.note_acknowledged,
            RecordFailed: self.history.note_failed,
            RecordRead: self.history.note_read,
            RecordAccepted: self._note_accepted,
            BatchSent: self._note_batch_sent,
            BatchAppended: self._note_appended,
            BatchReplicated: self._note_replicated,
            LogTruncated: self._note_truncated,
            HighWatermarkAdvanced: self._note_high_watermark,
            LeaderElected: self._note_elected,
            ProduceAnswered: self._note_answered,
            ResponseDropped: self._note_spoilt,
            TopicCreated: self._note_topic,
            TopicReconfigured: self._note_topic,
            SettingAltered: self._note_altered,
            RunEnded: self._note_ended,
        }
        find = takes.get
        for number, event in enumerate(events):
            take = find(type(event))
            if take is not None:
                take(number, event)

    # -- the fold ------------------------------------------------------------------------------------------------------

    def _note_accepted(self, _: int, event: RecordAccepted) -> None:
        batch = self.batches.get((event.client, event.batch))
        if batch is None:
            batch = self.batches[event.client, event.batch] = []
        batch.append(RecordId(event.client, event.token))

    def _note_batch_sent(self, number: int, event: BatchSent) -> None:
        where = TopicPartition(event.topic, event.partition)
        self.attempts[event.client, event.connection, event.correlation_id, where] = Attempt(
            event.client,
            event.batch,
            event.connection,
            event.correlation_id,
            event.producer_id,
            event.producer_epoch,
            event.base_sequence,
            event.crc,
            number,
        )

    def _note_appended(self, number: int, event: BatchAppended) -> None:
        where = TopicPartition(event.topic, event.partition)
        attempt = self.attempts.get((event.client, event.connection, event.correlation_id, where))
        records: Sequence[RecordId] = () if attempt is None else self.batches.get((attempt.client, attempt.batch), ())
        entry = LogEntry(
            event.base_offset,
            event.last_offset,
            event.leader_epoch,
            event.crc,
            records,
            attempt,
            event.client,
            number,
            number,
        )
        self._log(where, event.broker).entries.append(entry)
        self._by_epoch[where, event.leader_epoch, event.base_offset] = entry
        self.appended.append((where, event.broker, entry))

    def _note_replicated(self, number: int, event: BatchReplicated) -> None:
        where = TopicPartition(event.topic, event.partition)
        origin = self._by_epoch.get((where, event.leader_epoch, event.base_offset))
        if origin is None or origin.crc != event.crc or origin.last_offset != event.last_offset:
            self.diverged.append((event, number))
        if origin is None:
            origin = LogEntry(
                event.base_offset, event.last_offset, event.leader_epoch, event.crc, (), None, "", number, number
            )
        self._log(where, event.broker).entries.append(origin._replace(event=number))

    def _note_truncated(self, number: int, event: LogTruncated) -> None:
        self._log(TopicPartition(event.topic, event.partition), event.broker).truncate(event.to_offset, number)

    def _note_high_watermark(self, _: int, event: HighWatermarkAdvanced) -> None:
        self._log(TopicPartition(event.topic, event.partition), event.broker).high_watermark = event.high_watermark

    def _note_elected(self, number: int, event: LeaderElected) -> None:
        self.elections.setdefault(TopicPartition(event.topic, event.partition), []).append((number, event))

    def _note_answered(self, number: int, event: ProduceAnswered) -> None:
        if event.code:
            self._note_spoilt(number, event)

    def _note_spoilt(self, number: int, event: ProduceAnswered | ResponseDropped) -> None:
        self.spoilt.setdefault((event.client, event.connection, event.correlation_id), []).append(number)

    def _note_topic(self, _: int, event: TopicCreated | TopicReconfigured) -> None:
        if event.timestamp_type == "LogAppendTime":
            self.stamped.add(event.topic)

    def _note_altered(self, _: int, event: SettingAltered) -> None:
        # Of one broker, perhaps: whatever it leads it stamps, then, and no topic says so.
        if event.setting == "log.message.timestamp.type" and event.value == "LogAppendTime":
            self.stamped.update(where.topic for where in self.elections)

    def _note_ended(self, _: int, event: RunEnded) -> None:
        self.ended = event

    def _log(self, where: TopicPartition, broker: int) -> ReplicaLog:
        replicas = self.logs.get(where)
        if replicas is None:
            replicas = self.logs[where] = {}
        log = replicas.get(broker)
        if log is None:
            log = replicas[broker] = ReplicaLog(broker)
        return log

    # -- what the judges ask -------------------------------------------------------------------------------------------

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
        result: dict[TopicPartition, list[tuple[int, RecordId, LogEntry]]] = {}
        for where, log in self._final_logs.items():
            rows = result[where] = []
            if log is None:
                continue
            for entry in log.entries:
                for offset, record in enumerate(entry.records, start=entry.base_offset):
                    if offset < log.high_watermark:
                        rows.append((offset, record, entry))
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
    def held(self) -> frozenset[RecordId]:
        """Every record that any broker's log still holds, committed or not."""
        return frozenset(
            record
            for replicas in self.logs.values()
            for log in replicas.values()
            for entry in log.entries
            for record in entry.records
        )

    @cached_property
    def _batch_of(self) -> dict[RecordId, tuple[tuple[str, int], int]]:
        return {
            record: (batch, place) for batch, records in self.batches.items() for place, record in enumerate(records)
        }

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
        batch, place = self._batch_of.get(record, (("", -1), 0))
        for tried_at, attempt in self._attempts_of.get(batch, ()):
            where = tried_at
            producer_id, producer_epoch = attempt.producer_id, attempt.producer_epoch
            if attempt.base_sequence != NO_SEQUENCE:
                sequence = (attempt.base_sequence + place) & SEQUENCE_MASK
            moments.append(Moment("request", attempt.event))
            request = (attempt.client, attempt.connection, attempt.correlation_id)
            moments += [Moment("answer", number) for number in self.spoilt.get(request, ())]
        moments += self._appends(batch)
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
        found = []
        for broker in brokers:
            log = logs.get(broker)
            offsets = [] if log is None else log.offsets_of(record)
            lost = [] if log is None else [offset for offset, _ in log.truncated_of(record)]
            found += [Replica(broker, offset, "present") for offset in offsets]
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
