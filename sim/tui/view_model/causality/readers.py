"""What brings about what a reader is given, and what it is told as a member of a group."""

from __future__ import annotations

from typing import Any

from sim.trace import events as cluster
from sim.tui.view_model.causality.brokers import appended_in
from sim.tui.view_model.causality.memory import NOBODY, Found, Memory, Rules


def _began(memory: Memory, number: int, event: Any) -> Found:
    memory.reader[event.client] = number
    fault = memory.fault_now(event.at_us)
    return (fault if fault != NOBODY and memory.fault_text.startswith("read") else NOBODY,)


def _went_on(memory: Memory, number: int, event: Any) -> Found:
    """A reader moves, is heard, is assigned something: by what it was answered, or its own step before."""
    before, memory.reader[event.client] = memory.reader[event.client], number
    answer = memory.response_to[event.client]
    return (answer if answer > before else NOBODY, before)


def _read(memory: Memory, number: int, event: cluster.RecordRead) -> Found:
    memory.read[event.client, event.topic, event.partition, event.offset] = number
    written = appended_in(memory, event.topic, event.partition, event.leader_epoch, event.offset)
    return (memory.response_to[event.client], written)


def _decoded(memory: Memory, _: int, event: Any) -> Found:
    return (memory.read[event.client, event.topic, event.partition, event.offset],)


RULES: Rules = {
    cluster.ReaderBegan: _began,
    cluster.GroupMemberBegan: _began,
    cluster.ReaderIsolated: _went_on,
    cluster.ReaderMoved: _went_on,
    cluster.ReaderEnded: _went_on,
    cluster.GroupMemberHeard: _went_on,
    cluster.GroupMemberLeft: _went_on,
    cluster.PartitionAssigned: _went_on,
    cluster.PartitionGivenUp: _went_on,
    cluster.PositionFetched: _went_on,
    cluster.PositionCommitted: _went_on,
    cluster.CommitAnswered: _went_on,
    cluster.RecordRead: _read,
    cluster.RecordDecoded: _decoded,
    cluster.RecordUnreadable: _decoded,
}
