"""Transactional ids: their states follow each other as in Kafka, and no producer that was shut out comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.transactions.states import TRANSITIONS
from sim.cluster.internal_topics import TRANSACTION_STATE
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import TransactionMoved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.judges.invariants.chronicle import Chronicle

_FOLLOWING = frozenset({(state.value, following.value) for (state, _), following in TRANSITIONS.items()})


class TransactionalIds(Invariant):
    """Knows under which producer and epoch each id was last, whichever broker coordinated it."""

    NAME = "transactional ids"
    PROMISE = "a transactional id goes from state to state as Kafka's does, and never back to an epoch of a producer that was shut out"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._epochs: dict[tuple[str, int], int] = {}
        """The highest of each producer that an id had."""

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {TransactionMoved: self._moved}

    def look(self) -> None:
        """What was moved was looked at then; nothing else is kept."""

    def _moved(self, event: TransactionMoved) -> None:
        name, step = event.transactional_id, (event.before, event.state)
        # A transaction that is fenced is prepared in the same breath.
        is_known = step in _FOLLOWING or not event.before
        if not is_known:
            self.breach(f"{name} goes from {event.before} to {event.state}, which is no way")
        producer = (name, event.producer_id)
        before = self._epochs.get(producer, -1)
        if event.producer_epoch < before and self._are_whole() and not self._is_late(event):
            self.breach(
                f"{name} is {event.state} under epoch {event.producer_epoch} of producer {event.producer_id}, "
                f"which epoch {before} had shut out"
            )
        self._epochs[producer] = max(before, event.producer_epoch)

    def _is_late(self, event: TransactionMoved) -> bool:
        """Whether a coordinator says so that stood still while another took over.

        What its followers had fetched is committed to it when it goes on and finds their next requests in its sockets. Its successor
        has read the same long ago, and gone on from there.
        """
        leaders = {
            state.tp.partition: state.leader for state in self.chronicle.states() if state.tp.topic == TRANSACTION_STATE
        }
        return bool(leaders) and leaders[partition_for(event.transactional_id, len(leaders))] != event.broker

    def _are_whole(self) -> bool:
        """Whether no partition of `__transaction_state` has lost anything: nobody knows then who was shut out."""
        chronicle = self.chronicle
        return all(chronicle.counts(state.tp, 0) for state in chronicle.states() if state.tp.topic == TRANSACTION_STATE)
