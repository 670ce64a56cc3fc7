"""The part of the fold that follows batches: into a leader's log, from there to its followers', and what goes from any of them again.

The links: an engine says which records are in a batch (`RecordAccepted`) and which request carries it (`BatchSent`); a
leader says which request brought what it appended (`BatchAppended`); a follower's batch is the leader's of the same
partition, leader epoch and first offset. So each record is followed from `send` to its offset on each broker, without a
look into any of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from producer.events import BatchSent, RecordAccepted
from producer.records import TopicPartition
from sim.judges.history import SCHEMAS, History, Made
from sim.judges.record_id import RecordId
from sim.judges.replica_log import Attempt, LogEntry, ReplicaLog
from sim.trace.events import (
    LEADERS_START,
    TOPIC_DELETED,
    BatchAppended,
    BatchDeduplicated,
    BatchReplicated,
    BitFlipped,
    GatewayCrossed,
    GatewayPassed,
    GatewayWrites,
    HighWatermarkAdvanced,
    LastStableOffsetMoved,
    LogRestarted,
    LogStartAdvanced,
    LogTruncated,
    MarkerAppended,
    SegmentsCleaned,
    SegmentsDeleted,
)


class LogFold:
    """Every replica's log, with the records in it. A `Fold` hands it the events; nothing changes afterwards."""

    def __init__(self) -> None:
        self.history = History()
        self.batches: dict[tuple[str, int], list[RecordId]] = {}
        """(client, batch) -> its records, in order."""
        self.attempts: dict[tuple[str, int, int, TopicPartition], Attempt] = {}
        """(client, connection, correlation id, partition) -> what that request carried to it."""
        self.logs: dict[TopicPartition, dict[int, ReplicaLog]] = {}
        """Partition -> broker -> its log."""
        self.appended: list[tuple[TopicPartition, int, LogEntry]] = []
        """Every batch a leader appended: where, on which broker, which; in the order of the trace."""
        self.diverged: list[tuple[BatchReplicated, int]] = []
        """What followers appended under other bytes than their leader's, with the event's sequence number."""
        self.committed: dict[tuple[TopicPartition, int, int], tuple[int, int]] = {}
        """(partition, leader epoch, base offset) -> the event by which a replica's high watermark rose above the batch, and
        the last of its offsets that lies below."""
        self.committed_before: dict[int, tuple[int, int]] = {}
        """The same of batches whose topic was deleted, by the event that a leader appended them: the next topic of its name uses
        epochs and offsets again."""
        self.recognised: dict[tuple[str, int], int] = {}
        """(client, batch) -> the event by which a leader had it already when it came once more."""
        self.markers: dict[TopicPartition, list[tuple[int, LogEntry, MarkerAppended]]] = {}
        """Partition -> every end of a transaction that a leader appended there, with the event's sequence number."""
        self.undecided: dict[tuple[TopicPartition, int], int] = {}
        """(partition, broker) -> from which offset on its replica says that transactions are undecided, as long as some are."""
        self.removed: set[RecordId] = set()
        """Records that went with their topic when a broker removed its log: somebody wanted that."""
        self.outlived: dict[tuple[TopicPartition, int, int], int] = {}
        """(partition, append, offset) -> the event since which a replica gives that to nobody: it was committed, and was removed
        as its topic's settings say, or somebody wanted that."""
        self.outlived_records: set[RecordId] = set()
        """Which records those are, as far as anybody knows what clients sent."""
        self.gaps: dict[tuple[TopicPartition, int, int], int] = {}
        """(partition, append, offset) -> the event since which a replica has a gap there, which a cleaner left as it may: who reads
        goes on behind it."""
        self.compacted: dict[RecordId, list[tuple[TopicPartition, int]]] = {}
        """Record -> places that a cleaner took from it as it may: a later record has its key, or it deleted its key long ago."""
        self._cleaned: dict[tuple[TopicPartition, int, int, int], frozenset[int]] = {}
        """(partition, leader epoch, base offset, CRC) of a batch that was cleaned -> which of its offsets are gone."""
        self._tombstones: dict[tuple[TopicPartition, int, int], None] = {}
        """(partition, append, offset) of tombstones that some replica's cleaner came by, and left for a while."""
        self._crossed: dict[tuple[str, int], tuple[str, int]] = {}
        """(gateway, its connection to a broker) -> (client, the client's connection to it)."""
        self._writers: list[GatewayWrites] = []
        """The producers of gateways' own."""
        self._passed: dict[tuple[str, int, int, TopicPartition], GatewayPassed] = {}
        """(gateway, connection, correlation id, partition) -> the batch that it handed on so."""
        self._by_epoch: dict[tuple[TopicPartition, int, int], LogEntry] = {}
        self._of_deleted_topics: dict[tuple[TopicPartition, int, int, int], LogEntry] = {}
        """The same of topics that somebody deleted, with the checksum behind it: the next of its name uses epochs and offsets again."""

    def _note_accepted(self, _: int, event: RecordAccepted) -> None:
        if event.topic == SCHEMAS:
            return
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

    def _note_crossed(self, _: int, event: GatewayCrossed) -> None:
        self._crossed[event.gateway, event.connection] = event.client, event.client_connection
        self.history.through[event.client] = event.gateway

    def _note_gateway_writes(self, _: int, event: GatewayWrites) -> None:
        self._writers.append(event)

    def _note_passed(self, _: int, event: GatewayPassed) -> None:
        where = TopicPartition(event.topic, event.partition)
        self._passed[event.gateway, event.connection, event.correlation_id, where] = event

    def behind(self, client: str, connection: int) -> tuple[str, int]:
        """Give whose connection a broker's is: what a gateway opened for a client is that client's own."""
        crossed = self._crossed.get((client, connection))
        if crossed is not None:
            return crossed
        for writer in reversed(self._writers):
            if writer.gateway == client and connection >= writer.first_connection:
                return writer.client, connection - writer.first_connection
        return client, connection

    def _note_appended(self, number: int, event: BatchAppended) -> None:
        where = TopicPartition(event.topic, event.partition)
        client, connection = self.behind(event.client, event.connection)
        attempt = self.attempts.get((client, connection, event.correlation_id, where))
        records: Sequence[RecordId] = () if attempt is None else self.batches.get((attempt.client, attempt.batch), ())
        passed = self._passed.get((event.client, event.connection, event.correlation_id, where))
        if attempt is not None and passed is not None and passed.made:
            # What lies there is held against what the gateway says that it handed on.
            attempt = attempt._replace(crc=passed.crc)
            for record, made in zip(records, passed.made, strict=False):
                self.history.made.setdefault(record, []).append(Made(*made))
        entry = LogEntry(
            event.base_offset,
            event.last_offset,
            event.leader_epoch,
            event.crc,
            records,
            attempt,
            client,
            number,
            number,
            producer_id=event.producer_id,
        )
        self._log(where, event.broker).entries.append(entry)
        key = (where, event.leader_epoch, event.base_offset)
        if event.topic in self.history.deleted and key in self._by_epoch:
            # A leader that had yet to learn of the deletion wrote the one before: whoever follows it may copy it still.
            before = self._by_epoch[key]
            self._of_deleted_topics[*key, before.crc] = before
        self._by_epoch[key] = entry
        self.appended.append((where, event.broker, entry))

    def _note_marker(self, number: int, event: MarkerAppended) -> None:
        """What was appended just now is the end of a transaction, and no record."""
        where = TopicPartition(event.topic, event.partition)
        key = (where, event.leader_epoch, event.offset)
        marker = self._by_epoch[key] = self._by_epoch[key]._replace(is_control=True)
        self._log(where, event.broker).entries[-1] = marker
        self.appended[-1] = (where, event.broker, marker)
        self.markers.setdefault(where, []).append((number, marker, event))

    def _note_last_stable_offset(self, _: int, event: LastStableOffsetMoved) -> None:
        key = (TopicPartition(event.topic, event.partition), event.broker)
        self.undecided.pop(key, None)
        if event.last_stable_offset < event.high_watermark:
            self.undecided[key] = event.last_stable_offset

    def _note_deduplicated(self, number: int, event: BatchDeduplicated) -> None:
        where = TopicPartition(event.topic, event.partition)
        client, connection = self.behind(event.client, event.connection)
        attempt = self.attempts.get((client, connection, event.correlation_id, where))
        if attempt is not None:
            self.recognised.setdefault((attempt.client, attempt.batch), number)

    def _note_replicated(self, number: int, event: BatchReplicated) -> None:
        where = TopicPartition(event.topic, event.partition)
        origin = self._by_epoch.get((where, event.leader_epoch, event.base_offset))
        if self._of_deleted_topics and (origin is None or origin.crc != event.crc):
            before = (where, event.leader_epoch, event.base_offset, event.crc)
            origin = self._of_deleted_topics.get(before, origin)
        if origin is not None and origin.crc != event.crc:
            gone = self._cleaned.get((where, event.leader_epoch, event.base_offset, event.crc))
            if gone is not None:
                origin = origin._replace(crc=event.crc, gone=gone)
        if origin is None or origin.crc != event.crc or origin.last_offset != event.last_offset:
            self.diverged.append((event, number))
        if origin is None:
            origin = LogEntry(
                event.base_offset, event.last_offset, event.leader_epoch, event.crc, (), None, "", number, number
            )
        self._log(where, event.broker).entries.append(origin._replace(event=number))

    def _note_truncated(self, number: int, event: LogTruncated) -> None:
        log = self._log(TopicPartition(event.topic, event.partition), event.broker)
        if event.reason == TOPIC_DELETED:
            self.removed.update([record for entry in log.entries for _, record in entry.rows()])
        log.truncate(event.to_offset, number)

    def _note_start(self, number: int, event: LogStartAdvanced) -> None:
        where = TopicPartition(event.topic, event.partition)
        gone = self._log(where, event.broker).advance_start(event.log_start_offset)
        if event.reason == LEADERS_START:
            # What its leader removed is known from there. Whatever else a follower drops so was never committed: it led once,
            # wrote what nobody copied, and no epoch of the leader's is old enough to tell it.
            return
        for entry in gone:
            for offset in entry.span:
                self.outlived.setdefault((where, entry.appended, offset), number)
            self.outlived_records.update([record for _, record in entry.rows()])

    def _note_segments(self, _: int, event: SegmentsDeleted) -> None:
        self._log(TopicPartition(event.topic, event.partition), event.broker).remove_before(event.to_offset)

    def _note_cleaned(self, number: int, event: SegmentsCleaned) -> None:
        where = TopicPartition(event.topic, event.partition)
        log = self._log(where, event.broker)
        newest = self._newest_by_key(log)
        removed, changed = log.clean(event.from_offset, event.to_offset, dict(event.batches), event.removed)
        for entry in changed:
            self._cleaned[where, entry.leader_epoch, entry.base_offset, entry.crc] = entry.gone
        for offset, entry in removed:
            record = next((record for place, record in entry.rows() if place == offset), None)
            is_due = (where, entry.appended, offset) in self._tombstones
            if record is None or self._is_old(record, offset, newest) or is_due:
                self.outlived.setdefault((where, entry.appended, offset), number)
                self.gaps.setdefault((where, entry.appended, offset), number)
                if record is not None:
                    self.outlived_records.add(record)
                    self.compacted.setdefault(record, []).append((where, offset))
        for entry in log.entries:
            if event.from_offset <= entry.base_offset < event.to_offset:
                for offset, record in entry.rows():
                    if record in self.history.sent and self.history.sent[record].value is None:
                        self._tombstones[where, entry.appended, offset] = None

    def _newest_by_key(self, log: ReplicaLog) -> dict[bytes | None, int]:
        """Key -> the last offset below the high watermark at which a log holds a record of it, as far as anybody knows those."""
        sent = self.history.sent
        return {
            self.history.written_key(record): offset
            for entry in log.entries
            for offset, record in entry.rows()
            if offset < log.high_watermark and record in sent
        }

    def _is_old(self, record: RecordId, offset: int, newest: dict[bytes | None, int]) -> bool:
        """Whether a later record has its key, or it has none."""
        key = self.history.written_key(record)
        return key is None or offset < newest.get(key, -1)

    def _note_restarted(self, _: int, event: LogRestarted) -> None:
        self._log(TopicPartition(event.topic, event.partition), event.broker).restart(event.at_offset)

    def _note_flipped(self, number: int, event: BitFlipped) -> None:
        log = self._log(TopicPartition(event.topic, event.partition), event.broker)
        log.flip(event.base_offset, number, is_whole=event.crc == event.computed_crc)

    def _note_high_watermark(self, number: int, event: HighWatermarkAdvanced) -> None:
        where, watermark = TopicPartition(event.topic, event.partition), event.high_watermark
        for entry in self._log(where, event.broker).commit(watermark):
            batch = (where, entry.leader_epoch, entry.base_offset)
            last = min(entry.last_offset, watermark - 1)
            before = self.committed.get(batch)
            if before is None or before[1] < last:
                self.committed[batch] = (number, last)

    def _set_aside(self, topic: str) -> None:
        """A topic is deleted: the next one of its name uses epochs and offsets again."""
        for key in [key for key in self._by_epoch if key[0].topic == topic]:
            entry = self._by_epoch.pop(key)
            self._of_deleted_topics[*key, entry.crc] = entry
            committed = self.committed.pop(key, None)
            if committed is not None:
                self.committed_before[entry.appended] = committed

    def _log(self, where: TopicPartition, broker: int) -> ReplicaLog:
        replicas = self.logs.get(where)
        if replicas is None:
            replicas = self.logs[where] = {}
        log = replicas.get(broker)
        if log is None:
            log = replicas[broker] = ReplicaLog(broker)
        return log
