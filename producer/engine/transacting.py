"""The transactional calls of an engine, each with what it means for the records that the application hands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.intake import Intake
from producer.engine.waits import ROOM_MADE
from producer.errors import UsageError
from producer.transactions.init_producer_id import NOTHING_PREPARED
from producer.transactions.prepared import PreparedTransaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from producer.transactions.call import TransactionalCall
    from producer.transactions.transaction import Transactions


class Transacting(Intake):
    """The part of an engine that has transactions. Each call raises UsageError for a producer without `transactional.id`.

    Besides, as `Transactions` does: TransactionStateError, and the TransactionError that the producer is in. What a call
    gives back is waited for: `RoomMade` says when to look.
    """

    @property
    def prepared_transaction(self) -> PreparedTransaction:
        """What is prepared, or was kept; nothing if nothing is (KIP-939)."""
        found = None if self._transactions is None else self._transactions.prepared
        return NOTHING_PREPARED if found is None else found

    @property
    def open_transaction(self) -> PreparedTransaction:
        """Who writes the transaction that is open, prepared or not; nothing outside of one."""
        transactions = self._transactions
        if transactions is None or not transactions.takes_records:
            return self.prepared_transaction
        producer_id, producer_epoch = transactions.identity.current
        return PreparedTransaction(producer_id, producer_epoch)

    def init_transactions(self, now_us: int, *, keep_prepared: bool = False) -> TransactionalCall:
        """Ask for an id, and fence whoever had the same transactional id before; what that left open is aborted, or kept."""
        call = self._transactional("init_transactions").init(keeps=keep_prepared)
        self._hurry(now_us)
        return call

    def begin_transaction(self, now_us: int) -> None:
        """Begin a transaction; records are taken from now on."""
        self._transactional("begin_transaction").begin()
        self._hurry(now_us)

    def send_offsets_to_transaction(
        self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata, now_us: int
    ) -> TransactionalCall:
        """Let a group's offsets count if the transaction is committed."""
        call = self._transactional("send_offsets_to_transaction").send_offsets(offsets, group)
        self._hurry(now_us)
        return call

    def commit_transaction(self, now_us: int) -> TransactionalCall:
        """Take no more records, let nothing linger, and commit once every record has its answer."""
        call = self._transactional("commit_transaction").commit()
        self._hurry(now_us)
        return call

    def abort_transaction(self, now_us: int) -> TransactionalCall:
        """Take no more records, drop those that have not left, and abort once every other has its answer."""
        call = self._transactional("abort_transaction").abort()
        self._hurry(now_us)
        return call

    def prepare_transaction(self, now_us: int) -> TransactionalCall:
        """Take no more records, let nothing linger; once every record has its answer it can be committed, whatever happens."""
        call = self._transactional("prepare_transaction").prepare()
        self._hurry(now_us)
        return call

    def complete_transaction(self, decided: PreparedTransaction, now_us: int) -> TransactionalCall:
        """Commit what is prepared if that is what was decided on, and abort it if not."""
        call = self._transactional("complete_transaction").complete(decided)
        self._hurry(now_us)
        return call

    def _follow(self, transactions: Transactions, now_us: int) -> None:
        """See to what has changed for those who wait, and for those who send."""
        if not transactions.takes_records:
            self._queues.clear()
        if transactions.calls_ended != self._calls_seen:
            self._calls_seen = transactions.calls_ended
            self._answers.append(ROOM_MADE)
        if transactions.is_over_for_good and self._accumulator.incomplete:
            # It ended while requests left: what waits is given up at the next turn.
            self.deadline_us = now_us

    def _transactional(self, operation: str) -> Transactions:
        self._check_open()
        if self._transactions is None:
            msg = f"{operation} needs a transactional.id, and {self.client_id} has none"
            raise UsageError(msg)
        return self._transactions

    def _hurry(self, now_us: int) -> None:
        """Let every partition join the transaction anew, or none; and have it seen to what is to be asked for now."""
        self._queues.clear()
        self.deadline_us = min(self.deadline_us, now_us)
