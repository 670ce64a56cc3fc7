"""One plain sentence for each event that a report has to explain, for a reader who sees Kafka for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import producer.events as engine
from sim.clients.drivers import PRODUCER
from sim.faults.text import duration_text
from sim.judges.report.telling_audits import sentence_of_audits
from sim.judges.report.telling_governance import sentence_of_governance
from sim.judges.report.telling_schemas import sentence_of_schemas
from sim.judges.report.telling_transactions import sentence_of_transactions
from sim.judges.report.words import code_text, text_of, who_text
from sim.judges.verdict import FIRST_ONE, LATER_ONE
from sim.trace import events as cluster
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.judges.guarantees import Moment


def _brokers(ids: Sequence[int]) -> str:
    return ", ".join(f"b{broker}" for broker in ids) or "nobody"


def _whose(client: str) -> str:
    return "the producer" if client == PRODUCER else f"{client}'s producer"


def sentence(event: Any) -> str:
    """Say what happened."""
    match event:
        case cluster.RecordSent():
            return f"{who_text(event.client)} sends record {event.record}, key {text_of(event.key)}"
        case cluster.RecordAcknowledged(offset=-1):
            return f"{who_text(event.client)} is told that record {event.record} is sent (acks=0: nobody confirmed it)"
        case cluster.RecordAcknowledged():
            return f"{who_text(event.client)} is told that record {event.record} is written, at offset {event.offset}"
        case cluster.RecordFailed():
            fate = "not written" if event.outcome == "failed" else "perhaps written"
            return f"{who_text(event.client)} is told that record {event.record} is {fate}: {code_text(event.code)}"
        case cluster.RecordRead():
            return f"{event.client} reads it from {event.topic}-{event.partition} at offset {event.offset}"
        case cluster.ReaderBegan():
            return f"{event.client} begins to read {event.topic} from the {event.begin}"
        case cluster.ReaderMoved(why="begins"):
            return f"{event.client} begins in {event.topic}-{event.partition} at offset {event.offset}"
        case cluster.ReaderMoved():
            return f"{event.client} goes on in {event.topic}-{event.partition} from offset {event.offset}: {event.why}"
        case cluster.ReaderEnded():
            end = f"reads {event.topic}-{event.partition} no more, after offset {event.position - 1}"
            return f"{event.client} {end}{f': {event.error}' if event.error else ''}"
        case cluster.GroupMemberBegan():
            return f"{event.client} wants to read {event.topic} in group {event.group} ({event.protocol} protocol)"
        case cluster.GroupMemberLeft():
            return f"{event.client} leaves group {event.group}"
        case cluster.GroupMemberHeard():
            return f"{event.client} is a member of group {event.group}, in epoch {event.epoch}"
        case cluster.PartitionAssigned():
            return f"{event.client} is given {event.topic}-{event.partition} of group {event.group}, in epoch {event.epoch}"
        case cluster.PartitionGivenUp():
            return f"{event.client} has {event.topic}-{event.partition} of group {event.group} no more ({event.why})"
        case cluster.PositionCommitted():
            where = f"{event.topic}-{event.partition}"
            return f"{event.client} commits offset {event.offset} of {where} for group {event.group}"
        case cluster.CommitAnswered():
            fate = "is remembered" if event.code == 0 else f"may not be remembered: {code_text(event.code)}"
            where = f"{event.topic}-{event.partition}"
            return f"{event.client} is told that offset {event.offset} of {where} {fate}"
        case cluster.PositionFetched(offset=-1):
            return f"{event.client} is told that group {event.group} has no position in {event.topic}-{event.partition}"
        case cluster.PositionFetched():
            where = f"{event.topic}-{event.partition}"
            return f"{event.client} is told that group {event.group} has come to offset {event.offset} of {where}"
        case engine.BatchSent():
            retry = "" if event.attempt == 1 else f", attempt {event.attempt}"
            return f"{_whose(event.client)} sends it to b{event.broker}, in a batch of {event.record_count}{retry}"
        case engine.BatchRetried():
            return f"{_whose(event.client)} will try again: {code_text(event.code)}"
        case cluster.BatchAppended():
            return f"b{event.broker} appends it at {_range(event.base_offset, event.last_offset)}"
        case cluster.MarkerAppended():
            how = "commits" if event.is_commit else "aborts"
            return f"b{event.broker} {how} what producer {event.producer_id} wrote to {event.topic}-{event.partition}, at offset {event.offset}"
        case cluster.MarkerRefused():
            how = "commit" if event.is_commit else "abort"
            return f"b{event.broker} refuses to {how} what producer {event.producer_id} wrote: {code_text(event.code)}"
        case cluster.LastStableOffsetMoved():
            where = f"{event.topic}-{event.partition}"
            return f"b{event.broker} has every transaction of {where} decided up to offset {event.last_stable_offset}"
        case cluster.ReaderIsolated():
            return f"{event.client} reads only what is committed"
        case cluster.BatchDeduplicated():
            return f"b{event.broker} knows the batch already and answers offset {event.base_offset}"
        case cluster.BatchReplicated():
            return f"b{event.broker} copies {_range(event.base_offset, event.last_offset)}"
        case cluster.LogTruncated():
            gone = _range(event.to_offset, event.from_offset - 1)
            return f"b{event.broker} cuts its log: {gone} gone ({event.reason})"
        case cluster.SegmentRolled():
            return f"b{event.broker} begins another segment at offset {event.base_offset}"
        case cluster.LogStartAdvanced():
            return f"b{event.broker} gives nobody what is before offset {event.log_start_offset} ({event.reason})"
        case cluster.SegmentsDeleted():
            return f"b{event.broker} removes {_range(event.from_offset, event.to_offset - 1)} ({event.reason})"
        case cluster.SegmentsCleaned():
            within = _range(event.from_offset, event.to_offset - 1)
            records = "1 record" if len(event.removed) == 1 else f"{len(event.removed)} records"
            return f"b{event.broker} compacts {within}: {records} gone"
        case cluster.LogRestarted():
            return f"b{event.broker} gives up its log and begins at offset {event.at_offset}, as its leader's does"
        case cluster.BitFlipped():
            return f"a bit flips on the disk of b{event.broker}, at {_range(event.base_offset, event.last_offset)}"
        case cluster.CorruptBatchFetched():
            return (
                f"b{event.broker} gets a corrupt batch from b{event.leader}, at offset {event.base_offset}: not copied"
            )
        case cluster.ReplicaMoved():
            way = f"log directory {event.from_directory} to {event.to_directory}"
            return f"b{event.broker} has moved {event.topic}-{event.partition} from {way}"
        case cluster.LogDirectoryFailed():
            gone = f", {', '.join(event.offline_partitions)} with it" if event.offline_partitions else ""
            halts = "; it halts" if event.directory == 1 else ""
            return f"b{event.broker} finds that log directory {event.directory} has failed{gone}{halts}"
        case cluster.LeaderElected(leader=-1):
            return f"{event.topic}-{event.partition} has no leader"
        case cluster.LeaderElected():
            unclean = ", although it was not in sync" if event.is_unclean else ""
            where = f"{event.topic}-{event.partition}"
            return f"b{event.leader} is elected leader of {where}, epoch {event.leader_epoch}{unclean}"
        case cluster.IsrChanged(leader=-1):
            return f"nobody leads; in sync are now {_brokers(event.isr)}"
        case cluster.IsrChanged():
            return f"in sync with b{event.leader} are now {_brokers(event.isr)}"
        case cluster.BecameLeader():
            return f"b{event.broker} begins to lead with its log ending at offset {event.log_end_offset}"
        case cluster.BrokerCrashed():
            disk = {"kept": "its disk is kept", "wiped": "its disk is lost"}.get(
                event.disk, "what was not flushed is lost"
            )
            return f"b{event.broker} crashes; {disk}"
        case cluster.BrokerStarted():
            return f"b{event.broker} starts"
        case cluster.BrokerStopping():
            return f"b{event.broker} is asked to stop"
        case cluster.ControlledShutdownBegan():
            return f"b{event.broker} may stop once others lead what it led"
        case cluster.BrokerStopped():
            return f"b{event.broker} has stopped; its logs are flushed"
        case cluster.ControllerStarted():
            return f"{event.controller} starts"
        case cluster.ControllerCrashed():
            return f"{event.controller} crashes; what it wrote is on its disk"
        case cluster.ControllerPaused():
            return f"{event.controller} stands still"
        case cluster.ControllerResumed():
            return f"{event.controller} goes on"
        case cluster.ControllerElected():
            return f"{event.controller} is the active controller, epoch {event.controller_epoch}"
        case cluster.ClockSet(offset_us=0):
            return f"the clock of {event.host} is right again"
        case cluster.ClockSet():
            side = "behind" if event.offset_us < 0 else "ahead"
            return f"the clock of {event.host} is {duration_text(abs(event.offset_us))} {side}"
        case cluster.RollingRestartEnded():
            return "every broker of the rolling restart is back and in sync"
        case cluster.BrokerPaused():
            return f"b{event.broker} stands still"
        case cluster.BrokerResumed():
            return f"b{event.broker} goes on"
        case cluster.BrokerFenced():
            return f"the controller counts on b{event.broker} no longer: not heard of, or let go"
        case cluster.ApplicationStarted():
            again = "" if event.life == 1 else f" again, as {event.client}"
            return f"{event.application} starts{again}"
        case cluster.ApplicationStopping():
            return f"{event.client} is asked to stop: it sends nothing new, and closes its producer"
        case cluster.ApplicationStopped():
            return f"{event.client} has closed its producer and ends"
        case cluster.ApplicationKilled():
            return f"{event.client} is killed: it flushes and closes nothing"
        case cluster.ApplicationPaused():
            return f"{event.client} stands still"
        case cluster.ApplicationResumed():
            return f"{event.client} goes on"
        case cluster.RecordSentAgain():
            first = f"record {event.first_record} of {event.first_client}"
            return f"{event.client} sends {first} once more, as record {event.record}"
        case cluster.RequestDetained():
            return f"the request to b{event.broker} is detained on its way"
        case cluster.RequestLost():
            return f"the request to b{event.broker} is lost on its way"
        case cluster.ResponseDropped():
            return f"b{event.broker}'s answer is lost"
        case cluster.SettingAltered(value=None):
            return f"{event.setting} of {event.whose} is deleted"
        case cluster.SettingAltered():
            return f"{event.setting} of {event.whose} is {event.value} from now on"
        case cluster.AclCreated():
            return f"{_rule(event)}, from now on"
        case cluster.AclDeleted():
            return f"no longer in force: {_rule(event)}"
        case cluster.FeatureUpdated(level=0):
            return f"{event.feature} is switched off from now on"
        case cluster.FeatureUpdated():
            return f"{event.feature} is {event.level} from now on"
        case cluster.TopicReconfigured():
            unclean = "allowed" if event.unclean_leader_election else "not allowed"
            return (
                f"in effect for topic {event.topic}: min.insync.replicas={event.min_insync_replicas}, "
                f"max.message.bytes={event.max_message_bytes}, {event.timestamp_type}, unclean elections {unclean}"
            )
        case cluster.TopicDeleted():
            return f"{event.topic} is deleted, with every record in it"
        case cluster.PartitionsAdded():
            return f"{event.topic} has {event.partitions} partitions from now on: keys move"
        case cluster.ReplicasReassigned():
            where, brokers = f"{event.topic}-{event.partition}", _brokers(event.replicas)
            if not event.adding_replicas and not event.removing_replicas:
                return f"{where} is on {brokers}"
            return (
                f"{where} moves: on {brokers}, "
                f"{_brokers(event.adding_replicas) or 'nobody'} comes, {_brokers(event.removing_replicas) or 'nobody'} goes"
            )
        case cluster.FaultInjected():
            return f"fault: {event.fault}"
        case cluster.FaultRefused():
            return f"fault without effect: {event.fault} ({event.reason})"
        case cluster.ProduceAnswered():
            return f"b{event.broker} answers: {'written' if event.code == 0 else code_text(event.code)}"
        case _:
            return (
                sentence_of_schemas(event)
                or sentence_of_governance(event)
                or sentence_of_audits(event)
                or sentence_of_transactions(event)
            )


def _rule(event: cluster.AclCreated | cluster.AclDeleted) -> str:
    may = "may" if event.permission == "ALLOW" else "may not"
    star = "*" if event.pattern == "PREFIXED" else ""
    where = "" if event.host == "*" else f" from {event.host}"
    return f"{event.principal} {may} {event.operation} {event.kind.lower().replace('_', ' ')} {event.name}{star}{where}"


def _range(first: int, last: int) -> str:
    return f"offset {first}" if first == last else f"offsets {first} to {last}"


_ALWAYS = (
    cluster.FaultInjected,
    cluster.BrokerCrashed,
    cluster.LogDirectoryFailed,
    cluster.BrokerStopped,
    cluster.PartitionsAdded,
    cluster.ReplicasReassigned,
    cluster.SettingAltered,
    cluster.AclCreated,
    cluster.AclDeleted,
    cluster.FeatureUpdated,
    cluster.TransactionFenced,
    cluster.TransactionKept,
    cluster.TopicDeleted,
    cluster.FaultRefused,
    cluster.ApplicationStarted,
    cluster.ApplicationStopped,
    cluster.ApplicationKilled,
    cluster.SchemaRegistered,
    cluster.KeyRotated,
    cluster.KeyShredded,
    cluster.RegistryEnded,
    cluster.GatewayStarted,
    cluster.GatewayEnded,
)
"""What is told whichever record is explained, up to its last event."""


def chain(events: Sequence[Any], moments: Sequence[Moment]) -> list[tuple[int, str]]:
    """Give (sequence number, sentence) of the events that explain a finding, in the order of the trace.

    Told, too, are the faults up to shortly after the last of them, and where a newly elected leader's log ended.
    """
    if not moments:
        return []
    roles = {moment.event: moment.role for moment in moments}
    elected = {
        (event.topic, event.partition, event.leader, event.leader_epoch)
        for event in (events[number] for number in roles)
        if isinstance(event, cluster.LeaderElected)
    }
    last = max(roles)
    told_until_us = events[last].at_us + AFTERMATH_US
    rows = []
    for number, event in enumerate(events[: last + 1 + BEYOND]):
        if isinstance(event, cluster.BecameLeader):
            is_told = (event.topic, event.partition, event.broker, event.leader_epoch) in elected
        else:
            is_told = number in roles or (isinstance(event, _ALWAYS) and event.at_us <= told_until_us)
        if is_told:
            text = sentence(event)
            if roles.get(number, "").endswith(LATER_ONE):
                text = text.replace(" it", " the later one", 1)
            if roles.get(number, "").endswith(FIRST_ONE):
                text = text.replace(" it", " the first one", 1)
            rows.append((number, text))
    return rows


AFTERMATH_US = SECOND_US
"""How long after the last named event a fault may still be why."""
BEYOND = 2_000
"""How many events after the last named one are searched for a new leader's first words."""
