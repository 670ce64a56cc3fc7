"""How what happens to transactions changes what a screen shows: at producers, at the coordinator, in logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producer import events as engine
from producer.records import NO_PRODUCER_ID, TopicPartition
from sim.trace import events as cluster
from sim.tui.view_model.state import State
from sim.tui.view_model.transactions import CoordinatorSide, Fence, Marker, OpenInLog, ProducerSide, Refusal

BEGUN = "in transaction"
"""The producer's state behind a call of `begin_transaction` that was allowed; the trace tells it with the next thing that it does."""
ONGOING = "Ongoing"

# -- producers and their applications ----------------------------------------------------------------------------------


def _producer_moved(state: State, event: engine.ProducerTransactionMoved) -> None:
    known = state.transactions
    before = _producer(state, event.client, event.transactional_id)
    known.producers[event.client] = before._replace(state=event.state, is_v2=event.is_v2)
    now = len(state.owners(event.transactional_id))
    known.together[event.transactional_id] = max(now, known.together.get(event.transactional_id, 0))


def _producer(state: State, client: str, transactional_id: str) -> ProducerSide:
    return state.transactions.producers.get(client) or ProducerSide(client, transactional_id)


def _began(state: State, event: cluster.TransactionBegan) -> None:
    # Without a transactional id the application alone knows what belongs together.
    if event.transactional_id:
        before = _producer(state, event.client, event.transactional_id)
        state.transactions.producers[event.client] = before._replace(
            state=BEGUN, number=event.transaction, outcome="", code=0
        )


def _recovered(state: State, event: cluster.TransactionRecovered) -> None:
    before = _producer(state, event.client, event.transactional_id)
    state.transactions.producers[event.client] = before._replace(number=event.transaction, outcome="", code=0)


def _ended(state: State, event: cluster.TransactionEnded) -> None:
    if event.transactional_id:
        before = _producer(state, event.client, event.transactional_id)
        state.transactions.producers[event.client] = before._replace(
            number=event.transaction, outcome=event.outcome, code=event.code
        )


# -- the coordinator ---------------------------------------------------------------------------------------------------


def _moved(state: State, event: cluster.TransactionMoved) -> None:
    known = state.transactions
    before = known.ids.get(event.transactional_id)
    # Who was shut out stays in sight until another transaction begins.
    fence = before.fence if before is not None and event.state != ONGOING else None
    markers = before.markers if before is not None and event.state.startswith("Complete") else ()
    known.ids[event.transactional_id] = CoordinatorSide(
        event.transactional_id,
        event.broker,
        event.state,
        event.producer_id,
        event.producer_epoch,
        event.partitions,
        markers=markers,
        fence=fence,
    )
    known.by_producer_id[event.producer_id] = event.transactional_id


def _known(state: State, event: Any) -> CoordinatorSide:
    """Give the id as it is known; one that nothing was told of yet is new to its coordinator, too."""
    return state.transactions.ids.get(event.transactional_id) or CoordinatorSide(
        event.transactional_id, event.broker, "unknown"
    )


def _fenced(state: State, event: cluster.TransactionFenced) -> None:
    fence = Fence(event.producer_epoch, event.reason)
    state.transactions.ids[event.transactional_id] = _known(state, event)._replace(fence=fence)


def _kept(state: State, event: cluster.TransactionKept) -> None:
    state.transactions.ids[event.transactional_id] = _known(state, event)._replace(owner_epoch=event.owner_epoch)
    state.transactions.by_producer_id[event.owner_id] = event.transactional_id


def _refused(state: State, event: cluster.TransactionRefused) -> None:
    refusal = Refusal(event.api, event.producer_epoch, event.code)
    state.transactions.ids[event.transactional_id] = _known(state, event)._replace(refusal=refusal)


def _markers_sent(state: State, event: cluster.MarkersSent) -> None:
    known = _known(state, event)
    others = tuple([one for one in known.markers if one.partition not in event.partitions])
    asked = tuple([Marker(partition) for partition in event.partitions])
    state.transactions.ids[event.transactional_id] = known._replace(markers=(*others, *asked))


def _marker_answered(state: State, event: cluster.MarkerAnswered) -> None:
    known, partition = _known(state, event), f"{event.topic}-{event.partition}"
    markers = tuple([one._replace(code=event.code) if one.partition == partition else one for one in known.markers])
    state.transactions.ids[event.transactional_id] = known._replace(markers=markers)


# -- logs --------------------------------------------------------------------------------------------------------------


def note_appended(state: State, event: cluster.BatchAppended) -> None:
    """Take what a leader appended: the first batch of a producer with a transactional id opens a transaction there.

    All that such a producer writes is in transactions; the marker that ends one is told behind its own batch, at once.
    """
    known = state.transactions
    if event.producer_id == NO_PRODUCER_ID or event.producer_id not in known.by_producer_id:
        return
    where = TopicPartition(event.topic, event.partition)
    held = known.in_logs.get(where, ())
    if all(one.producer_id != event.producer_id for one in held):
        known.in_logs[where] = (*held, OpenInLog(event.producer_id, event.base_offset))


def _marker_appended(state: State, event: cluster.MarkerAppended) -> None:
    _keep(state, TopicPartition(event.topic, event.partition), lambda one: one.producer_id != event.producer_id)


def note_leader(state: State, event: cluster.BecameLeader) -> None:
    """Take that another log is the partition's now: what lay behind its end is gone."""
    _keep(state, TopicPartition(event.topic, event.partition), lambda one: one.first_offset < event.log_end_offset)


def _keep(state: State, where: TopicPartition, is_kept: Callable[[OpenInLog], bool]) -> None:
    in_logs = state.transactions.in_logs
    if where in in_logs:
        kept = tuple([one for one in in_logs[where] if is_kept(one)])
        if kept:
            in_logs[where] = kept
        else:
            del in_logs[where]


FOLDS: dict[type[Any], Callable[[State, Any], None]] = {
    engine.ProducerTransactionMoved: _producer_moved,
    cluster.TransactionBegan: _began,
    cluster.TransactionRecovered: _recovered,
    cluster.TransactionEnded: _ended,
    cluster.TransactionMoved: _moved,
    cluster.TransactionFenced: _fenced,
    cluster.TransactionKept: _kept,
    cluster.TransactionRefused: _refused,
    cluster.MarkersSent: _markers_sent,
    cluster.MarkerAnswered: _marker_answered,
    cluster.MarkerAppended: _marker_appended,
}
"""For the events of transactions; of what is appended `folds` tells."""
