"""One line for every event, for a reader who sees Kafka for the first time; and the glyph of its kind."""

from __future__ import annotations

from typing import Any, NamedTuple

from producer import events as engine
from producer.errors import error_code
from sim.clients.drivers import CODE_NOT_SENT
from sim.judges.report import text_of
from sim.judges.report.telling import sentence
from sim.trace import events as cluster
from sim.tui.lines import Tone


class Sign(NamedTuple):
    """What stands before an event."""

    glyph: str
    tone: Tone


_FAULT = Sign("x", Tone.FAULT)
_ACKNOWLEDGED = Sign("o", Tone.GOOD)
_FAILED = Sign("!", Tone.BAD)
_APPLICATION = Sign("·", Tone.PLAIN)
_PRODUCER = Sign("»", Tone.PRODUCER)
_BROKER = Sign("■", Tone.FOLLOWER)
_CONTROLLER = Sign("▲", Tone.LEADER)
_COORDINATOR = Sign("◆", Tone.LEADER)

SIGNS: tuple[tuple[Sign, str], ...] = (
    (_FAULT, "a fault"),
    (_APPLICATION, "the application"),
    (_ACKNOWLEDGED, "acknowledged"),
    (_FAILED, "given up, cut off"),
    (_PRODUCER, "the producer"),
    (_BROKER, "a broker"),
    (_CONTROLLER, "the controller, a leader"),
    (_COORDINATOR, "a coordinator"),
)
"""Every sign and what it says, for the help."""

_SIGN_OF: dict[type[Any], Sign] = {
    cluster.FaultInjected: _FAULT,
    cluster.FaultRefused: _FAULT,
    cluster.BrokerCrashed: _FAULT,
    cluster.BrokerPaused: _FAULT,
    cluster.ClockSet: _FAULT,
    cluster.ControllerCrashed: _FAULT,
    cluster.ControllerPaused: _FAULT,
    cluster.ControllerElected: _CONTROLLER,
    cluster.ControllerStarted: _CONTROLLER,
    cluster.ControllerResumed: _CONTROLLER,
    cluster.BrokerStopping: _FAULT,
    cluster.BrokerStopped: _FAULT,
    cluster.ResponseDropped: _FAULT,
    cluster.RequestDetained: _FAULT,
    cluster.RequestLost: _FAULT,
    cluster.ApplicationKilled: _FAULT,
    cluster.ApplicationPaused: _FAULT,
    cluster.RecordAcknowledged: _ACKNOWLEDGED,
    engine.BatchAcknowledged: _ACKNOWLEDGED,
    cluster.RecordFailed: _FAILED,
    engine.BatchFailed: _FAILED,
    cluster.LogTruncated: _FAILED,
    cluster.LogRestarted: _FAILED,
    cluster.BitFlipped: _FAULT,
    cluster.CorruptBatchFetched: _FAILED,
    cluster.LogDirectoryFailed: _FAULT,
    cluster.LeaderElected: _CONTROLLER,
    cluster.IsrChanged: _CONTROLLER,
    cluster.BrokerFenced: _CONTROLLER,
    cluster.BrokerUnfenced: _CONTROLLER,
    cluster.BrokerUnregistered: _CONTROLLER,
    cluster.ControlledShutdownBegan: _CONTROLLER,
    cluster.BrokerRegistered: _CONTROLLER,
    cluster.TopicCreated: _CONTROLLER,
    cluster.TopicDeleted: _CONTROLLER,
    cluster.PartitionsAdded: _CONTROLLER,
    cluster.ReplicasReassigned: _CONTROLLER,
    cluster.SettingAltered: _CONTROLLER,
    cluster.FeatureUpdated: _CONTROLLER,
    cluster.AclCreated: _CONTROLLER,
    cluster.AclDeleted: _CONTROLLER,
    cluster.AuthorizerBegan: _CONTROLLER,
    cluster.QuotaBegan: _CONTROLLER,
    cluster.AuthorizationRefused: _FAILED,
    cluster.AuthenticationFailed: _FAILED,
    cluster.TransactionMoved: _COORDINATOR,
    cluster.TransactionsLoaded: _COORDINATOR,
    cluster.MarkersSent: _COORDINATOR,
    cluster.MarkerAnswered: _COORDINATOR,
    cluster.OffsetsCompleted: _COORDINATOR,
    cluster.TransactionKept: _COORDINATOR,
    cluster.TransactionFenced: _FAILED,
    cluster.TransactionRefused: _FAILED,
    cluster.TopicReconfigured: _CONTROLLER,
    cluster.BecameLeader: _CONTROLLER,
}


def sign_of(event: Any) -> Sign:
    """Give the sign of an event's kind."""
    sign = _SIGN_OF.get(type(event))
    if sign is not None:
        return sign
    if type(event).__module__ == engine.__name__:
        return _PRODUCER
    return _BROKER if "broker" in event._fields else _APPLICATION


def told(event: Any, *, batch: str = "", whose: str = "") -> str:
    """Say what happened. `batch` names the batch that a broker's event is about, where that is known.

    `whose` stands behind the numbers of records and batches where several clients count them: ` of app.2`.
    """
    it = batch or "a batch"
    match event:
        case cluster.PhaseAwaited():
            return f"{event.client} waits for {event.waits_for}, then enters phase {event.phase}"
        case cluster.PhaseBegan():
            return f"{event.client} begins phase {event.phase} of its sends"
        case cluster.PhaseSent():
            return f"{event.client} has handed over the last record of phase {event.phase}"
        case cluster.PhaseEnded():
            return f"{event.client} knows how each record of phase {event.phase} ended"
        case cluster.RecordSent():
            return f"{event.client} sends record {event.record}, key {text_of(event.key)}"
        case cluster.RecordAcknowledged(offset=-1):
            return f"record {event.record}{whose}: told as sent (acks=0: nobody confirmed it)"
        case cluster.RecordAcknowledged():
            return f"record {event.record}{whose}: told as written, offset {event.offset}"
        case cluster.RecordFailed():
            fate = "not written" if event.outcome == "failed" else "perhaps written"
            return f"record {event.record}{whose}: told as {fate} ({code_text(event.code)})"
        case cluster.RecordRead():
            return f"{event.client} gets {text_of(event.key)} from {event.topic}-{event.partition} at offset {event.offset}"
        case cluster.TopicCreated():
            parts = "1 partition" if event.partitions == 1 else f"{event.partitions} partitions"
            return (
                f"topic {event.topic}: {parts}, {event.replication_factor} replicas each, "
                f"min.insync.replicas={event.min_insync_replicas}"
            )
        case cluster.BrokerRegistered():
            return f"the controller knows b{event.broker} (still fenced)"
        case cluster.BrokerUnfenced():
            return f"the controller counts on b{event.broker} from now on"
        case cluster.BrokerUnregistered():
            return f"the controller knows no b{event.broker} any more"
        case cluster.BecameLeader():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker} leads {where}, epoch {event.leader_epoch}; its log ends at {event.log_end_offset}"
        case cluster.BecameFollower(leader=-1):
            return f"b{event.broker} follows nobody in {event.topic}-{event.partition}"
        case cluster.BecameFollower():
            return (
                f"b{event.broker} follows b{event.leader} in {event.topic}-{event.partition}, epoch "
                f"{event.leader_epoch}; its log ends at {event.log_end_offset}"
            )
        case cluster.BatchAppended():
            return f"b{event.broker} appends {it} at {_offsets(event.base_offset, event.last_offset)}"
        case cluster.BatchReplicated():
            return f"b{event.broker} copies {it}, {_offsets(event.base_offset, event.last_offset)}"
        case cluster.BatchDeduplicated():
            return f"b{event.broker} has {it} already, at offset {event.base_offset}"
        case cluster.HighWatermarkAdvanced():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker}: high watermark of {where} is {event.high_watermark}"
        case cluster.LastStableOffsetMoved():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker}: last stable offset of {where} is {event.last_stable_offset}"
        case cluster.MarkerAppended():
            how = "COMMIT" if event.is_commit else "ABORT"
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker} appends {how} of producer {event.producer_id} to {where}, offset {event.offset}"
        case cluster.MarkerRefused():
            how = "COMMIT" if event.is_commit else "ABORT"
            return f"b{event.broker} refuses {how} of producer {event.producer_id}: {code_text(event.code)}"
        case cluster.LogFlushed():
            return f"b{event.broker}: {event.topic}-{event.partition} is on disk up to {event.to_offset}"
        case cluster.LogTruncated():
            gone = _offsets(event.to_offset, event.from_offset - 1)
            return f"b{event.broker} cuts {event.topic}-{event.partition}: {gone} gone ({event.reason})"
        case cluster.SegmentRolled():
            return f"b{event.broker}: {event.topic}-{event.partition} goes on in another segment, from offset {event.base_offset}"
        case cluster.LogStartAdvanced():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker}: {where} begins at offset {event.log_start_offset} ({event.reason})"
        case cluster.SegmentsDeleted():
            gone = _offsets(event.from_offset, event.to_offset - 1)
            return f"b{event.broker} removes segments of {event.topic}-{event.partition}: {gone} ({event.reason})"
        case cluster.SegmentsCleaned():
            within = _offsets(event.from_offset, event.to_offset - 1)
            records = "1 record" if len(event.removed) == 1 else f"{len(event.removed)} records"
            return f"b{event.broker} compacts {event.topic}-{event.partition}, {within}: {records} gone"
        case cluster.LogRestarted():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker} begins {where} anew at offset {event.at_offset}: it ended at {event.from_offset}"
        case cluster.BitFlipped():
            where = f"{event.topic}-{event.partition}"
            offsets = _offsets(event.base_offset, event.last_offset)
            return f"a bit flips in {where} on b{event.broker}: CRC {event.computed_crc:#010x}, named {event.crc:#010x}, {offsets}"
        case cluster.CorruptBatchFetched():
            where = f"{event.topic}-{event.partition}"
            return (
                f"b{event.broker} copies nothing of {where}: offset {event.base_offset} of b{event.leader} is corrupt"
            )
        case cluster.RequestReceived():
            carrying = f" with {batch}" if batch else ""
            return f"b{event.broker} begins on {event.api} request {event.correlation_id}{carrying}"
        case cluster.ProduceAnswered():
            answer = "written" if event.code == 0 else code_text(event.code)
            return f"b{event.broker} decides its answer for {it}: {answer}"
        case cluster.ResponseSent():
            return f"b{event.broker} answers {event.api} request {event.correlation_id}"
        case cluster.RequestDetained():
            return f"{event.api} request {event.correlation_id} to b{event.broker} is detained on its way"
        case cluster.RequestLost():
            return f"{event.api} request {event.correlation_id} to b{event.broker} is lost on its way"
        case cluster.ResponseDropped():
            return f"b{event.broker}'s answer to {event.api} request {event.correlation_id} is lost"
        case cluster.FaultInjected():
            return f"fault: {event.fault}"
        case cluster.FaultRefused():
            return f"no effect: {event.fault} ({event.reason})"
        case cluster.RunEnded():
            return "the run is over" if event.is_settled else "the run is over; the cluster has not settled"
        case _:
            return _told_of_producer(event, whose)


def _told_of_producer(event: Any, whose: str) -> str:
    match event:
        case engine.BatchOpened():
            return f"batch {event.batch}{whose} opens for {event.topic}-{event.partition}"
        case engine.RecordAccepted():
            return f"record {event.token}{whose} joins batch {event.batch} for {event.topic}-{event.partition}"
        case engine.BatchSent():
            again = "" if event.attempt == 1 else f", attempt {event.attempt}"
            return (
                f"batch {event.batch}{whose} leaves for b{event.broker} with {records_text(event.record_count)}{again}"
            )
        case engine.BatchRetried():
            return f"batch {event.batch}{whose} will be tried again: {code_text(event.code)}"
        case engine.BatchAcknowledged(code=0, base_offset=-1):
            return f"batch {event.batch}{whose} counts as sent (acks=0)"
        case engine.BatchAcknowledged(code=0):
            return f"batch {event.batch}{whose} is acknowledged, at offset {event.base_offset}"
        case engine.BatchAcknowledged():
            return f"batch {event.batch}{whose} is acknowledged: {code_text(event.code)}"
        case engine.BatchFailed():
            return f"batch {event.batch}{whose} is given up: {event.reason}"
        case engine.BatchSplit():
            parts = ", ".join(map(str, event.parts))
            return f"batch {event.batch}{whose} is too large, its records go on in batches {parts}"
        case engine.BatchResequenced():
            return f"batch {event.batch}{whose} takes new sequences from {event.base_sequence}"
        case engine.IdentityAssigned(producer_id=-1):
            return f"{event.client} asks for a new producer id"
        case engine.IdentityAssigned():
            return f"{event.client} is producer {event.producer_id}, epoch {event.producer_epoch}"
        case engine.ProducerTransactionMoved():
            return f"the transaction of {event.client} ({event.transactional_id}) is now: {event.state}"
        case engine.ConnectionRequested():
            return f"{event.client} opens connection {event.connection} to {event.address}"
        case engine.ConnectionReady():
            return f"{event.client}'s connection {event.connection} is ready"
        case engine.ConnectionLost():
            return f"{event.client}'s connection {event.connection} ends: {event.reason}"
        case engine.MetadataLearned():
            leaders = ", ".join(
                f"{topic}-{partition} by {'nobody' if leader < 0 else f'b{leader}'}"
                for topic, partition, leader, _ in event.leaders
            )
            return f"{event.client} learns who leads: {leaders or 'nobody yet'}"
        case engine.Rebootstrapped():
            return f"{event.client} begins again with the bootstrap servers: {event.reason}"
        case _:
            return sentence(event)


def code_text(code: int) -> str:
    """Name an error of Kafka's table."""
    return "the client gave up" if code == CODE_NOT_SENT else error_code(code).name


def records_text(count: int) -> str:
    """Count records."""
    return "1 record" if count == 1 else f"{count} records"


def _offsets(first: int, last: int) -> str:
    return f"offset {first}" if first == last else f"offsets {first}-{last}"
