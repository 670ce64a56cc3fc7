"""What brings about the lives of brokers, the roles of their replicas, and what happens to their logs."""

from __future__ import annotations

from typing import Any

from sim.trace import events as cluster
from sim.trace.events.broker import CORRUPT_BATCH, CUT_SHORT, LEADERS_START, REPLICA_REMOVED, TOPIC_DELETED
from sim.tui.view_model.causality.memory import NOBODY, Found, Memory, Rules

DIVERGING = "diverging epoch"
"""Why a follower cuts its log: its new leader's is another."""


# -- their lives -------------------------------------------------------------------------------------------------------


def _befell(memory: Memory, number: int, event: Any) -> Found:
    """A broker crashes, stops or stands still: by a fault of this time, or as its life's step before led to it."""
    return _lived(memory, number, event, is_in_trouble=True)


def _went_on(memory: Memory, number: int, event: Any) -> Found:
    return _lived(memory, number, event, is_in_trouble=False)


def _lived(memory: Memory, number: int, event: Any, *, is_in_trouble: bool) -> Found:
    broker = event.broker
    before, memory.life[broker] = memory.life[broker], number
    memory.is_in_trouble[broker] = is_in_trouble
    fault = memory.fault if memory.fault_us == event.at_us and memory.trouble[broker] == memory.fault else NOBODY
    if is_in_trouble:
        memory.trouble[broker] = number
    return (fault, before) if fault != NOBODY else (before,)


def _directory_failed(memory: Memory, number: int, event: cluster.LogDirectoryFailed) -> Found:
    fault, memory.trouble[event.broker] = memory.verb["fail"], number
    return (fault,)


# -- their roles -------------------------------------------------------------------------------------------------------


def _became_leader(memory: Memory, number: int, event: cluster.BecameLeader) -> Found:
    where = (event.topic, event.partition)
    copied = memory.copied[event.broker, event.topic, event.partition]
    kept_from_more = memory.trouble[event.broker]
    memory.became[event.broker, event.topic, event.partition] = memory.began_to_lead[where] = number
    # Why its log ends there: it copied that much, and then something kept it from more.
    return (memory.elected[where], kept_from_more if kept_from_more > copied else NOBODY, copied)


def _became_follower(memory: Memory, number: int, event: cluster.BecameFollower) -> Found:
    memory.became[event.broker, event.topic, event.partition] = number
    started = memory.life[event.broker]
    elected = memory.elected[event.topic, event.partition]
    return (elected, started if started > elected else NOBODY)


# -- their logs --------------------------------------------------------------------------------------------------------


def _appended(memory: Memory, number: int, event: cluster.BatchAppended) -> Found:
    where = (event.topic, event.partition)
    request = (event.client, event.connection, event.correlation_id)
    memory.written[request, where] = number
    memory.copied[event.broker, event.topic, event.partition] = number
    offsets, places = memory.entries.setdefault((event.topic, event.partition, event.leader_epoch), ([], []))
    offsets.append(event.base_offset)
    places.append(number)
    return (memory.received[request],)


def _deduplicated(memory: Memory, number: int, event: cluster.BatchDeduplicated) -> Found:
    where = (event.topic, event.partition)
    request = (event.client, event.connection, event.correlation_id)
    memory.written[request, where] = number
    return (memory.received[request], known_at(memory, event.topic, event.partition, event.base_offset))


def known_at(memory: Memory, topic: str, partition: int, offset: int) -> int:
    """Give the last append at a base offset, whichever leader made it; NOBODY if nobody did."""
    found = NOBODY
    for key, (offsets, places) in memory.entries.items():
        if key[:2] == (topic, partition):
            place = _place(offsets, offset)
            if place >= 0 and offsets[place] == offset:
                found = max(found, places[place])
    return found


def appended_in(memory: Memory, topic: str, partition: int, leader_epoch: int, offset: int) -> int:
    """Give the append by the leader of that epoch of the batch that holds an offset; NOBODY if it made none."""
    known = memory.entries.get((topic, partition, leader_epoch))
    if known is None:
        return NOBODY
    place = _place(known[0], offset)
    return known[1][place] if place >= 0 else NOBODY


def _place(offsets: list[int], offset: int) -> int:
    from bisect import bisect_right

    return bisect_right(offsets, offset) - 1


def _replicated(memory: Memory, number: int, event: cluster.BatchReplicated) -> Found:
    memory.copied[event.broker, event.topic, event.partition] = number
    memory.copied_by_any[event.topic, event.partition] = number
    return (appended_in(memory, event.topic, event.partition, event.leader_epoch, event.base_offset),)


def _watermark(memory: Memory, number: int, event: cluster.HighWatermarkAdvanced) -> Found:
    where = (event.topic, event.partition)
    if memory.leader.get(where) != event.broker:
        return (memory.watermark[where],)
    memory.watermark[where] = number
    own = memory.copied[event.broker, event.topic, event.partition]
    others = max(memory.copied_by_any[where], memory.isr_changed[where])
    # In the end it is the slowest copy that raises it; with nobody else in sync, its own append.
    return (max(own, others),)


def _stable_offset(memory: Memory, _: int, event: cluster.LastStableOffsetMoved) -> Found:
    where = (event.broker, event.topic, event.partition)
    return (max(memory.marker[where], memory.copied[where]),)


def _truncated(memory: Memory, _: int, event: cluster.LogTruncated) -> Found:
    where, own = (event.topic, event.partition), (event.broker, event.topic, event.partition)
    begins = known_at(memory, event.topic, event.partition, event.to_offset)
    lost = begins if begins != NOBODY else memory.copied[own]
    if event.reason == DIVERGING:
        return (memory.became[own], memory.began_to_lead[where], lost)
    if event.reason == TOPIC_DELETED:
        return (memory.topic[event.topic],)
    if event.reason == REPLICA_REMOVED:
        return (memory.setting[where],)
    if event.reason == CUT_SHORT:
        return (memory.verb["truncate"], lost)
    if event.reason == CORRUPT_BATCH:
        return (memory.flipped[own], memory.trouble[event.broker])
    return (memory.trouble[event.broker], memory.verb["unsync"], lost)


def _restarted(memory: Memory, _: int, event: cluster.LogRestarted) -> Found:
    return (memory.began_to_lead[event.topic, event.partition], memory.setting["log start"])


def _log_start(memory: Memory, number: int, event: cluster.LogStartAdvanced) -> Found:
    before = memory.setting["log start"]
    if event.reason != LEADERS_START:
        memory.setting["log start"] = number
        return ()
    return (before,)


def _segments_deleted(memory: Memory, _: int, _event: cluster.SegmentsDeleted) -> Found:
    return (memory.setting["log start"],)


def _flipped(memory: Memory, number: int, event: cluster.BitFlipped) -> Found:
    memory.flipped[event.broker, event.topic, event.partition] = number
    return (memory.verb["flip"],)


def _corrupt_fetched(memory: Memory, _: int, event: cluster.CorruptBatchFetched) -> Found:
    return (memory.flipped[event.leader, event.topic, event.partition],)


def _of_own_copy(memory: Memory, _: int, event: Any) -> Found:
    """A log is flushed, rolled or compacted: after what was last written to it."""
    return (memory.copied[event.broker, event.topic, event.partition],)


RULES: Rules = {
    cluster.BrokerCrashed: _befell,
    cluster.BrokerPaused: _befell,
    cluster.BrokerStopping: _befell,
    cluster.BrokerStopped: _befell,
    cluster.BrokerStarted: _went_on,
    cluster.BrokerResumed: _went_on,
    cluster.LogDirectoryFailed: _directory_failed,
    cluster.BecameLeader: _became_leader,
    cluster.BecameFollower: _became_follower,
    cluster.BatchAppended: _appended,
    cluster.BatchDeduplicated: _deduplicated,
    cluster.BatchReplicated: _replicated,
    cluster.HighWatermarkAdvanced: _watermark,
    cluster.LastStableOffsetMoved: _stable_offset,
    cluster.LogTruncated: _truncated,
    cluster.LogRestarted: _restarted,
    cluster.LogStartAdvanced: _log_start,
    cluster.SegmentsDeleted: _segments_deleted,
    cluster.BitFlipped: _flipped,
    cluster.CorruptBatchFetched: _corrupt_fetched,
    cluster.LogFlushed: _of_own_copy,
    cluster.SegmentRolled: _of_own_copy,
    cluster.SegmentsCleaned: _of_own_copy,
}
