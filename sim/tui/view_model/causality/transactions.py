"""What brings the steps of a transaction about, from what its application asks for to its markers in the logs."""

from __future__ import annotations

from typing import Any

from sim.trace import events as cluster
from sim.tui.view_model.causality.memory import NOBODY, Found, Memory, Rules

OVER = "Complete"
"""How the states begin that a transaction comes to by its markers, and by no request."""


def _asked(memory: Memory, number: int, event: Any) -> Found:
    """The application's own will: it begins a transaction, or wants it ended."""
    before, memory.asked[event.transactional_id] = memory.asked[event.transactional_id], number
    if type(event) is not cluster.TransactionEnding:
        return ()
    memory.ending[event.client] = number
    return (memory.told[event.client], before)


def _moved(memory: Memory, number: int, event: cluster.TransactionMoved) -> Found:
    before, memory.transaction[event.transactional_id] = memory.transaction[event.transactional_id], number
    if event.state.startswith(OVER):
        return (before,)
    request = memory.transactional[event.broker]
    return (request if request > before else NOBODY, before)


def _markers_sent(memory: Memory, number: int, event: cluster.MarkersSent) -> Found:
    memory.marking[event.producer_id] = number
    return (memory.transaction[event.transactional_id],)


def _marker(memory: Memory, number: int, event: cluster.MarkerAppended | cluster.MarkerRefused) -> Found:
    for key in ((event.broker, event.topic, event.partition), (event.topic, event.partition)):
        memory.marker[key] = number
    return (memory.marking[event.producer_id],)


def _marker_answered(memory: Memory, number: int, event: cluster.MarkerAnswered) -> Found:
    memory.transaction[event.transactional_id] = number
    return (memory.marker[event.topic, event.partition],)


def _of_transaction(memory: Memory, _: int, event: Any) -> Found:
    """A producer is fenced, refused or let live, by where its transaction stands."""
    return (memory.transaction[event.transactional_id], memory.asked[event.transactional_id])


def _ended(memory: Memory, _: int, event: cluster.TransactionEnded) -> Found:
    return (memory.transaction[event.transactional_id], memory.asked[event.transactional_id])


def _taken(memory: Memory, number: int, event: cluster.TransactionalIdTaken) -> Found:
    memory.asked[event.transactional_id] = number
    return (memory.response_to[event.client],)


def _completed(memory: Memory, _: int, event: cluster.OffsetsCompleted) -> Found:
    return (memory.marking[event.producer_id],)


RULES: Rules = {
    cluster.TransactionBegan: _asked,
    cluster.TransactionRecovered: _asked,
    cluster.TransactionEnding: _asked,
    cluster.TransactionMoved: _moved,
    cluster.MarkersSent: _markers_sent,
    cluster.MarkerAppended: _marker,
    cluster.MarkerRefused: _marker,
    cluster.MarkerAnswered: _marker_answered,
    cluster.TransactionFenced: _of_transaction,
    cluster.TransactionRefused: _of_transaction,
    cluster.TransactionKept: _of_transaction,
    cluster.TransactionEnded: _ended,
    cluster.TransactionalIdTaken: _taken,
    cluster.OffsetsCompleted: _completed,
}
