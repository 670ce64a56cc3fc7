"""How each event of a trace changes what a screen shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producer import events as engine
from producer.records import TopicPartition
from sim.trace import events as cluster
from sim.tui.view_model import application_folds, transaction_folds
from sim.tui.view_model.governance_folds import note
from sim.tui.view_model.state import (
    ENDED_MAX,
    FAULTS_MAX,
    NO_PARTITION,
    NO_REPLICA,
    Batch,
    BatchState,
    Broker,
    Connection,
    Fault,
    Identity,
    Life,
    Partition,
    Role,
    State,
)


def take(state: State, event: Any) -> None:
    """Fold one more event into a state."""
    state.now_us = event.at_us
    fold = FOLDS.get(type(event))
    if fold is not None:
        fold(state, event)
    note(state.governance, event, state.seen)
    state.seen += 1


# -- the controller ----------------------------------------------------------------------------------------------------


def _topic_created(state: State, event: cluster.TopicCreated) -> None:
    state.min_insync_replicas[event.topic] = event.min_insync_replicas
    _partitions(state, event.topic, event.partitions)


def _topic_reconfigured(state: State, event: cluster.TopicReconfigured) -> None:
    least = state.min_insync_replicas[event.topic] = event.min_insync_replicas
    for where, partition in state.partitions.items():
        if where.topic == event.topic:
            # Only a value changes, so the dict may be iterated.
            state.partitions[where] = partition._replace(min_insync_replicas=least)


def _topic_deleted(state: State, event: cluster.TopicDeleted) -> None:
    state.partitions = {where: one for where, one in state.partitions.items() if where.topic != event.topic}
    state.replicas = {key: one for key, one in state.replicas.items() if key[0] != event.topic}


def _partitions_added(state: State, event: cluster.PartitionsAdded) -> None:
    _partitions(state, event.topic, event.partitions)


def _partitions(state: State, topic: str, count: int) -> None:
    least = state.min_insync_replicas.get(topic, 1)
    for number in range(count):
        where = TopicPartition(topic, number)
        if where not in state.partitions:
            state.partitions[where] = Partition(min_insync_replicas=least)


def _elected(state: State, event: cluster.LeaderElected) -> None:
    where = TopicPartition(event.topic, event.partition)
    state.partitions[where] = Partition(
        event.leader,
        event.leader_epoch,
        event.isr,
        event.replicas,
        event.eligible_leader_replicas,
        state.min_insync_replicas.get(event.topic, 1),
    )


def _reassigned(state: State, event: cluster.ReplicasReassigned) -> None:
    where = TopicPartition(event.topic, event.partition)
    state.partitions[where] = state.partitions.get(where, NO_PARTITION)._replace(replicas=event.replicas)


def _isr_changed(state: State, event: cluster.IsrChanged) -> None:
    where = TopicPartition(event.topic, event.partition)
    state.partitions[where] = state.partitions.get(where, NO_PARTITION)._replace(
        leader=event.leader, leader_epoch=event.leader_epoch, isr=event.isr, eligible=event.eligible_leader_replicas
    )


# -- brokers -----------------------------------------------------------------------------------------------------------


def _broker(state: State, broker: int) -> Broker:
    return state.brokers.get(broker) or Broker(broker)


def _broker_started(state: State, event: cluster.BrokerStarted) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(life=Life.UP)


def _broker_stopping(state: State, event: cluster.BrokerStopping) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(life=Life.STOPPING)


def _broker_down(state: State, event: cluster.BrokerCrashed | cluster.BrokerStopped) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(life=Life.DOWN)
    for key, replica in state.replicas.items():
        if key[2] == event.broker:
            # Only a value changes, so the dict may be iterated; what lies on its disk stays.
            state.replicas[key] = replica._replace(role=Role.NONE)


def _log_directory_failed(state: State, event: cluster.LogDirectoryFailed) -> None:
    for key, replica in state.replicas.items():
        if key[2] == event.broker and f"{key[0]}-{key[1]}" in event.offline_partitions:
            # Only a value changes, so the dict may be iterated; what lies there stays.
            state.replicas[key] = replica._replace(role=Role.OFFLINE)


def _broker_paused(state: State, event: cluster.BrokerPaused) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(life=Life.PAUSED)


def _broker_resumed(state: State, event: cluster.BrokerResumed) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(life=Life.UP)


def _broker_unfenced(state: State, event: cluster.BrokerUnfenced) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(is_fenced=False)


def _broker_fenced(state: State, event: cluster.BrokerFenced | cluster.BrokerRegistered) -> None:
    state.brokers[event.broker] = _broker(state, event.broker)._replace(is_fenced=True)


def _became_leader(state: State, event: cluster.BecameLeader) -> None:
    _became(state, event, Role.LEADER)
    transaction_folds.note_leader(state, event)


def _became_follower(state: State, event: cluster.BecameFollower) -> None:
    _became(state, event, Role.FOLLOWER)


def _became(state: State, event: cluster.BecameLeader | cluster.BecameFollower, role: Role) -> None:
    key = (event.topic, event.partition, event.broker)
    state.replicas[key] = state.replicas.get(key, NO_REPLICA)._replace(
        role=role, leader_epoch=event.leader_epoch, log_end=event.log_end_offset
    )


def _appended_by_leader(state: State, event: cluster.BatchAppended) -> None:
    _appended(state, event)
    transaction_folds.note_appended(state, event)


def _appended(state: State, event: cluster.BatchAppended | cluster.BatchReplicated) -> None:
    key = (event.topic, event.partition, event.broker)
    state.replicas[key] = state.replicas.get(key, NO_REPLICA)._replace(log_end=event.last_offset + 1)


def _truncated(state: State, event: cluster.LogTruncated) -> None:
    key = (event.topic, event.partition, event.broker)
    before = state.replicas.get(key, NO_REPLICA)
    state.replicas[key] = before._replace(
        log_end=event.to_offset, high_watermark=min(before.high_watermark, event.to_offset)
    )


def _restarted(state: State, event: cluster.LogRestarted) -> None:
    key = (event.topic, event.partition, event.broker)
    before = state.replicas.get(key, NO_REPLICA)
    state.replicas[key] = before._replace(log_end=event.at_offset, high_watermark=event.at_offset)


def _high_watermark(state: State, event: cluster.HighWatermarkAdvanced) -> None:
    key = (event.topic, event.partition, event.broker)
    state.replicas[key] = state.replicas.get(key, NO_REPLICA)._replace(high_watermark=event.high_watermark)


def _last_stable_offset(state: State, event: cluster.LastStableOffsetMoved) -> None:
    key = (event.topic, event.partition, event.broker)
    is_held = event.last_stable_offset < event.high_watermark
    undecided_from = event.last_stable_offset if is_held else -1
    state.replicas[key] = state.replicas.get(key, NO_REPLICA)._replace(undecided_from=undecided_from)


# -- the producer ------------------------------------------------------------------------------------------------------


def _identity(state: State, event: engine.IdentityAssigned) -> None:
    state.identities[event.client] = Identity(event.producer_id, event.producer_epoch)


def _connection_requested(state: State, event: engine.ConnectionRequested) -> None:
    state.connections[event.client, event.connection] = Connection(event.broker, event.address)


def _connection_ready(state: State, event: engine.ConnectionReady) -> None:
    key = (event.client, event.connection)
    before = state.connections.get(key)
    address = f"b{event.broker}" if before is None else before.address
    state.connections[key] = Connection(event.broker, address, is_ready=True)


def _connection_lost(state: State, event: engine.ConnectionLost) -> None:
    state.connections.pop((event.client, event.connection), None)


def _batch_opened(state: State, event: engine.BatchOpened) -> None:
    deadline_us = event.at_us + state.delivery_timeout_us(event.client)
    state.batches[event.client, event.batch] = Batch(
        event.client, event.batch, event.topic, event.partition, BatchState.OPEN, event.at_us, deadline_us
    )


def _record_accepted(state: State, event: engine.RecordAccepted) -> None:
    key = (event.client, event.batch)
    before = state.batches.get(key)
    if before is not None:
        state.batches[key] = before._replace(records=before.records + 1)


def _batch_sent(state: State, event: engine.BatchSent) -> None:
    key = (event.client, event.batch)
    before = state.batches.get(key)
    if before is not None:
        state.batches[key] = before._replace(
            state=BatchState.IN_FLIGHT,
            records=event.record_count,
            attempt=event.attempt,
            broker=event.broker,
            base_sequence=event.base_sequence,
            sent_us=event.at_us,
        )


def _batch_retried(state: State, event: engine.BatchRetried) -> None:
    key = (event.client, event.batch)
    before = state.batches.get(key)
    if before is not None:
        state.batches[key] = before._replace(
            state=BatchState.RETRYING, code=event.code, not_before_us=event.not_before_us
        )


def _batch_resequenced(state: State, event: engine.BatchResequenced) -> None:
    key = (event.client, event.batch)
    before = state.batches.get(key)
    if before is not None:
        state.batches[key] = before._replace(base_sequence=event.base_sequence)


def _ended(state: State, batch: Batch) -> None:
    state.ended = (*state.ended[1 - ENDED_MAX :], batch)


def _batch_acknowledged(state: State, event: engine.BatchAcknowledged) -> None:
    before = state.batches.pop((event.client, event.batch), None)
    state.done += 1
    if before is not None:
        _ended(
            state,
            before._replace(
                state=BatchState.DONE, base_offset=event.base_offset, code=event.code, ended_us=event.at_us
            ),
        )


def _batch_failed(state: State, event: engine.BatchFailed) -> None:
    before = state.batches.pop((event.client, event.batch), None)
    state.given_up += 1
    if before is not None:
        _ended(
            state,
            before._replace(state=BatchState.FAILED, code=event.code, reason=event.reason, ended_us=event.at_us),
        )


def _batch_split(state: State, event: engine.BatchSplit) -> None:
    before = state.batches.pop((event.client, event.batch), None)
    state.split += 1
    if before is not None:
        _ended(state, before._replace(state=BatchState.SPLIT, ended_us=event.at_us))


# -- faults and the end ------------------------------------------------------------------------------------------------


def _fault_injected(state: State, event: cluster.FaultInjected) -> None:
    fault = Fault(state.seen, event.at_us, event.entry, event.fault)
    state.faults = (*state.faults[1 - FAULTS_MAX :], fault)


def _fault_refused(state: State, event: cluster.FaultRefused) -> None:
    # A refusal follows the injection that it answers, unless the fault found nobody to strike.
    kept = state.faults
    if kept and kept[-1].entry == event.entry and not kept[-1].refusal:
        state.faults = (*kept[:-1], kept[-1]._replace(refusal=event.reason))
    else:
        fault = Fault(state.seen, event.at_us, event.entry, event.fault, event.reason)
        state.faults = (*kept[1 - FAULTS_MAX :], fault)


def _run_ended(state: State, event: cluster.RunEnded) -> None:  # noqa: ARG001 - there is one
    state.is_over = True


FOLDS: dict[type[Any], Callable[[State, Any], None]] = {
    **application_folds.FOLDS,
    **transaction_folds.FOLDS,
    cluster.TopicCreated: _topic_created,
    cluster.TopicReconfigured: _topic_reconfigured,
    cluster.TopicDeleted: _topic_deleted,
    cluster.PartitionsAdded: _partitions_added,
    cluster.ReplicasReassigned: _reassigned,
    cluster.LeaderElected: _elected,
    cluster.IsrChanged: _isr_changed,
    cluster.BrokerStarted: _broker_started,
    cluster.BrokerStopping: _broker_stopping,
    cluster.BrokerStopped: _broker_down,
    cluster.BrokerCrashed: _broker_down,
    cluster.LogDirectoryFailed: _log_directory_failed,
    cluster.BrokerPaused: _broker_paused,
    cluster.BrokerResumed: _broker_resumed,
    cluster.BrokerRegistered: _broker_fenced,
    cluster.BrokerFenced: _broker_fenced,
    cluster.BrokerUnfenced: _broker_unfenced,
    cluster.BecameLeader: _became_leader,
    cluster.BecameFollower: _became_follower,
    cluster.BatchAppended: _appended_by_leader,
    cluster.BatchReplicated: _appended,
    cluster.LogTruncated: _truncated,
    cluster.LogRestarted: _restarted,
    cluster.HighWatermarkAdvanced: _high_watermark,
    cluster.LastStableOffsetMoved: _last_stable_offset,
    cluster.FaultInjected: _fault_injected,
    cluster.FaultRefused: _fault_refused,
    cluster.RunEnded: _run_ended,
    engine.IdentityAssigned: _identity,
    engine.ConnectionRequested: _connection_requested,
    engine.ConnectionReady: _connection_ready,
    engine.ConnectionLost: _connection_lost,
    engine.BatchOpened: _batch_opened,
    engine.RecordAccepted: _record_accepted,
    engine.BatchSent: _batch_sent,
    engine.BatchRetried: _batch_retried,
    engine.BatchResequenced: _batch_resequenced,
    engine.BatchAcknowledged: _batch_acknowledged,
    engine.BatchFailed: _batch_failed,
    engine.BatchSplit: _batch_split,
}
"""How each type of event changes the state; types that are missing only move the clock."""
