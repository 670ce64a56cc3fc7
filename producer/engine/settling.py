"""What is settled before anything leaves: sequences and gaps, who the producer is, and how far its transaction has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.init_producer_id import InitProducerId
from producer.errors import Code, error_code
from producer.events import BatchResequenced, IdentityAssigned, ProducerTransactionMoved
from producer.records import NO_IDENTITY
from producer.transactions.state import TransactionState
from producer.wire.record_batch import restamp

if TYPE_CHECKING:
    from producer.client.client import Client
    from producer.engine.accumulator import Accumulator
    from producer.engine.idempotence import Idempotence
    from producer.engine.observer import Observer
    from producer.engine.verdicts import Verdicts
    from producer.transactions.transaction import Transactions


class Settling:
    """Of an idempotent producer: with transactions, or without."""

    __slots__ = ("_accumulator", "_client", "_identity_told", "_init_producer_id", "_observer", "_state_told", "_verdicts",
                 "idempotence")  # fmt: skip

    def __init__(
        self,
        idempotence: Idempotence,
        *,
        accumulator: Accumulator,
        client: Client,
        verdicts: Verdicts,
        observer: Observer,
    ) -> None:
        self.idempotence = idempotence
        self._accumulator = accumulator
        self._client = client
        self._verdicts = verdicts
        self._observer = observer
        self._identity_told = NO_IDENTITY
        self._state_told = TransactionState.UNINITIALIZED
        self._init_producer_id: InitProducerId | None = None
        if idempotence.transactions is None:
            self._init_producer_id = InitProducerId(idempotence.identity)

    def settle(self, now_us: int) -> None:
        """Do all that can be done now; requests are asked for, and leave with the client's next turn."""
        idempotence = self.idempotence
        renumbered = idempotence.settle()
        transactions = idempotence.transactions
        if transactions is not None:
            self._settle_transaction(transactions, now_us)
        identity = idempotence.identity.current
        if identity != self._identity_told:
            self._identity_told = identity
            self._observer.say(IdentityAssigned, now_us, *identity)
        for batch in renumbered:
            if batch.is_over:
                continue
            if batch.encoded is not None:
                batch.encoded = restamp(
                    batch.encoded,
                    producer_id=batch.identity.producer_id,
                    producer_epoch=batch.identity.producer_epoch,
                    base_sequence=batch.base_sequence,
                )
            self._observer.say_of(BatchResequenced, now_us, batch, *batch.identity, batch.base_sequence)
        if self._init_producer_id is None:
            return
        refusal = idempotence.identity.refusal or self._init_producer_id.take_denial()
        if refusal is not None:
            self._verdicts.fail_waiting(refusal, now_us, "the cluster refuses this producer")
        self._init_producer_id.ask_if_wanted(self._client.control)

    def _settle_transaction(self, transactions: Transactions, now_us: int) -> None:
        incomplete = self._accumulator.incomplete
        trouble = transactions.trouble
        if transactions.is_over_for_good:
            if incomplete:
                assert trouble is not None
                self._verdicts.give_up_all(trouble.code, now_us, "the producer's transactions came to a fatal error")
        elif transactions.drops_unsent and incomplete:
            error = error_code(Code.OPERATION_NOT_ATTEMPTED)
            reason = "its transaction is aborted"
            if trouble is not None:
                reason += f", for {trouble.code.name}"
            self._verdicts.drop_unsent(error, now_us, reason)
        transactions.advance(has_incomplete=bool(incomplete))
        if transactions.state is not self._state_told:
            self._state_told = transactions.state
            self._observer.say(
                ProducerTransactionMoved, now_us, transactions.id, transactions.state.value, transactions.is_v2
            )
