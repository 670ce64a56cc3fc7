"""The oracle's one fold of a trace: every replica's log with the records in it, and what the applications were told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from producer.events import BatchSent, IdentityAssigned, RecordAccepted
from producer.records import TopicPartition
from sim.judges.log_fold import LogFold
from sim.trace.events import (
    ApplicationKilled,
    AuditOpened,
    AuditRead,
    BatchAppended,
    BatchAtRest,
    BatchDeduplicated,
    BatchReplicated,
    BitFlipped,
    CheckpointTaken,
    CommitAnswered,
    GatewayCrossed,
    GatewayEnded,
    GatewayPassed,
    GatewayStarted,
    GatewayWrites,
    GroupMemberBegan,
    GroupMemberHeard,
    GroupMemberLeft,
    HighWatermarkAdvanced,
    KeyRotated,
    LastStableOffsetMoved,
    LatencyPromised,
    LeaderElected,
    LogRestarted,
    LogStartAdvanced,
    LogTruncated,
    MarkerAppended,
    OffsetsGiven,
    PartitionAssigned,
    PartitionGivenUp,
    PositionCommitted,
    PositionFetched,
    ProduceAnswered,
    ReaderBegan,
    ReaderEnded,
    ReaderIsolated,
    ReaderMoved,
    RecordAcknowledged,
    RecordDerived,
    RecordFailed,
    RecordGoverned,
    RecordNotSerialized,
    RecordRead,
    RecordSent,
    RecordSentAgain,
    RecordSerialized,
    RecordUnreadable,
    RequestDetained,
    RequestLost,
    ResponseDropped,
    RunEnded,
    SchemaFound,
    SchemaRefused,
    SecretPlanted,
    SegmentsCleaned,
    SegmentsDeleted,
    SettingAltered,
    TopicCreated,
    TopicDeleted,
    TopicReconfigured,
    TransactionalIdTaken,
    TransactionBegan,
    TransactionEnded,
    TransactionEnding,
    TransactionRecovered,
    VersionDeployed,
)


class Fold(LogFold):
    """What one trace tells, linked. Fold with `Fold(events)`; nothing changes afterwards."""

    def __init__(self, events: Iterable[Any]) -> None:
        super().__init__()
        self.elections: dict[TopicPartition, list[tuple[int, LeaderElected]]] = {}
        self.spoilt: dict[tuple[str, int, int], list[int]] = {}
        """(client, connection, correlation id) -> sequence numbers of the events that it was detained, lost, refused or unanswered."""
        self.stamped: set[str] = set()
        """Topics whose leaders stamp their time into batches: the checksum at the producer says nothing there."""
        self.restamped: set[str] = set()
        """Topics whose leaders were told in the run whether to do so."""
        self.ended: RunEnded | None = None
        self.ended_event = -1
        """Its sequence number."""
        takes: dict[type[Any], Callable[[int, Any], None]] = {
            RecordSent: self.history.note_sent,
            RecordSentAgain: self.history.note_sent_again,
            RecordAcknowledged: self.history.note_acknowledged,
            RecordFailed: self.history.note_failed,
            RecordRead: self.history.note_read,
            ReaderBegan: self.history.note_reader_began,
            ReaderIsolated: self.history.note_reader_isolated,
            ReaderMoved: self.history.note_reader_moved,
            ReaderEnded: self.history.note_reader_ended,
            GroupMemberBegan: self.history.groups.note_began,
            GroupMemberLeft: self.history.groups.note_left,
            GroupMemberHeard: self.history.groups.note_heard,
            PartitionAssigned: self.history.groups.note_assigned,
            PartitionGivenUp: self.history.groups.note_given_up,
            PositionCommitted: self.history.groups.note_committed,
            CommitAnswered: self.history.groups.note_answered,
            PositionFetched: self.history.groups.note_fetched,
            IdentityAssigned: self.history.transactions.note_identity,
            TransactionalIdTaken: self.history.transactions.note_taken,
            TransactionBegan: self.history.transactions.note_began,
            TransactionRecovered: self.history.transactions.note_recovered,
            RecordDerived: self.history.note_derived,
            OffsetsGiven: self.history.note_offsets_given,
            CheckpointTaken: self.history.transactions.note_checkpoint,
            TransactionEnding: self.history.transactions.note_ending,
            TransactionEnded: self.history.note_transaction_ended,
            VersionDeployed: self.history.schemas.note_deployed,
            SchemaFound: self.history.schemas.note_found,
            SchemaRefused: self.history.schemas.note_refused,
            RecordSerialized: self.history.schemas.note_serialized,
            RecordNotSerialized: self.history.schemas.note_not_serialized,
            RecordUnreadable: self.history.schemas.note_unreadable,
            SecretPlanted: self.history.governance.note_planted,
            KeyRotated: self.history.governance.note_rotated,
            RecordGoverned: self.history.governance.note_governed,
            BatchAtRest: self.history.governance.note_at_rest,
            LatencyPromised: self.history.latencies.note_promised,
            AuditOpened: self.history.audits.note_opened,
            ApplicationKilled: self.history.audits.note_killed,
            AuditRead: self.history.audits.note_read,
            RecordAccepted: self._note_accepted,
            BatchSent: self._note_batch_sent,
            GatewayStarted: self.history.audits.note_gateway,
            GatewayEnded: self.history.audits.note_gateway_ended,
            GatewayCrossed: self._note_crossed,
            GatewayWrites: self._note_gateway_writes,
            GatewayPassed: self._note_passed,
            BatchAppended: self._note_appended,
            MarkerAppended: self._note_marker,
            LastStableOffsetMoved: self._note_last_stable_offset,
            BatchDeduplicated: self._note_deduplicated,
            BatchReplicated: self._note_replicated,
            LogTruncated: self._note_truncated,
            LogStartAdvanced: self._note_start,
            SegmentsDeleted: self._note_segments,
            SegmentsCleaned: self._note_cleaned,
            LogRestarted: self._note_restarted,
            BitFlipped: self._note_flipped,
            HighWatermarkAdvanced: self._note_high_watermark,
            LeaderElected: self._note_elected,
            ProduceAnswered: self._note_answered,
            ResponseDropped: self._note_spoilt,
            RequestDetained: self._note_spoilt,
            RequestLost: self._note_spoilt,
            TopicCreated: self._note_topic,
            TopicDeleted: self._note_topic_deleted,
            TopicReconfigured: self._note_reconfigured,
            SettingAltered: self._note_altered,
            RunEnded: self._note_ended,
        }
        find = takes.get
        for number, event in enumerate(events):
            take = find(type(event))
            if take is not None:
                take(number, event)

    # -- the fold ------------------------------------------------------------------------------------------------------

    def _note_elected(self, number: int, event: LeaderElected) -> None:
        self.elections.setdefault(TopicPartition(event.topic, event.partition), []).append((number, event))

    def _note_answered(self, number: int, event: ProduceAnswered) -> None:
        if event.code:
            self._note_spoilt(number, event)

    def _note_spoilt(
        self, number: int, event: ProduceAnswered | ResponseDropped | RequestDetained | RequestLost
    ) -> None:
        client, connection = self.behind(event.client, event.connection)
        self.spoilt.setdefault((client, connection, event.correlation_id), []).append(number)

    def _note_topic(self, _: int, event: TopicCreated | TopicReconfigured) -> None:
        if event.timestamp_type == "LogAppendTime":
            self.stamped.add(event.topic)

    def _note_topic_deleted(self, number: int, event: TopicDeleted) -> None:
        self.history.groups.note_topic_deleted(number, event)
        self.history.deleted.setdefault(event.topic, number)
        for where in [where for where in self.elections if where.topic == event.topic]:
            del self.elections[where]
        self._set_aside(event.topic)

    def _note_reconfigured(self, number: int, event: TopicReconfigured) -> None:
        self.restamped.add(event.topic)
        self._note_topic(number, event)

    def _note_altered(self, _: int, event: SettingAltered) -> None:
        # Of one broker, perhaps: whatever it leads it stamps, then, and no topic says so.
        if event.setting == "log.message.timestamp.type":
            topics = [where.topic for where in self.elections]
            self.restamped.update(topics)
            if event.value == "LogAppendTime":
                self.stamped.update(topics)

    def _note_ended(self, number: int, event: RunEnded) -> None:
        self.ended, self.ended_event = event, number
