"""The transactional calls in librdkafka's words: how long they take, what they raise, and which reports are served meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from producer.drivers.clock import now_us
from producer.errors import (
    Code,
    FatalTransactionError,
    ProducerError,
    ProducerFencedError,
    TransactionAbortableError,
    TransactionError,
    TransactionStateError,
    TransactionTimeoutError,
)
from producer.facades.confluent.errors import KafkaError, KafkaException, kafka_error
from producer.facades.confluent.outbox import refusal
from producer.records import OffsetAndMetadata, TopicPartition
from producer.transactions.state import TransactionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.drivers.threads import Producer
    from producer.facades.confluent.outbox import Outbox
    from producer.records import ConsumerGroupMetadata

STATES = {
    TransactionState.UNINITIALIZED: "Init",
    TransactionState.INITIALIZING: "WaitPID",
    TransactionState.READY: "Ready",
    TransactionState.IN_TRANSACTION: "InTransaction",
    TransactionState.PREPARED_TRANSACTION: "InTransaction",
    TransactionState.COMMITTING_TRANSACTION: "CommittingTransaction",
    TransactionState.ABORTING_TRANSACTION: "AbortingTransaction",
    TransactionState.ABORTABLE_ERROR: "AbortableError",
    TransactionState.FATAL_ERROR: "FatalError",
}
"""librdkafka's words for them (rd_kafka_txn_state2str)."""


class TransactionCalls:
    """One producer's. `until_us` is None for as long as librdkafka gives by itself: the time-out of a transaction."""

    def __init__(self, producer: Producer, outbox: Outbox) -> None:
        self._producer = producer
        self._outbox = outbox

    def init(self, until_us: int | None) -> None:
        self._carry_out(lambda: self._producer.init_transactions(self._left_s(until_us, 2)))

    def begin(self) -> None:
        self._carry_out(self._producer.begin_transaction)

    def send_offsets(self, offsets: list[Any], group: ConsumerGroupMetadata, until_us: int | None) -> None:
        taken = {
            TopicPartition(one.topic, one.partition): OffsetAndMetadata(
                one.offset, -1 if one.leader_epoch is None else one.leader_epoch, one.metadata or ""
            )
            for one in offsets
            if one.offset >= 0
        }
        self._carry_out(lambda: self._producer.send_offsets_to_transaction(taken, group, self._left_s(until_us)))

    def check_produce(self) -> None:
        """Raise `_STATE` unless a message may be produced now; one whose topic is not known yet would wait, and be told late."""
        if self._state is not TransactionState.IN_TRANSACTION:
            is_fatal = self._state is TransactionState.FATAL_ERROR
            raise refusal(KafkaError(KafkaError._FATAL if is_fatal else KafkaError._STATE))

    def commit(self, until_us: int | None) -> None:
        """Send everything and serve its reports, then commit. What a callback raises, this raises."""
        self._check_state(TransactionState.IN_TRANSACTION, TransactionState.COMMITTING_TRANSACTION)
        limit_us = now_us() + int(self._left_s(until_us) * 1e6)
        self._outbox.flush(limit_us)
        left = self._outbox.messages
        if left:
            told = f"Failed to flush all outstanding messages within the API timeout: {left} message(s) remaining"
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, told, retriable=True))
        self._carry_out(lambda: self._producer.commit_transaction(max(0, limit_us - now_us()) / 1e6))

    def abort(self, until_us: int | None) -> None:
        """Drop what has not left, abort, and serve the reports of both. What a callback raises, this raises."""
        limit_us = now_us() + int(self._left_s(until_us) * 1e6)
        self._outbox.purge()
        try:
            self._carry_out(lambda: self._producer.abort_transaction(max(0, limit_us - now_us()) / 1e6))
        finally:
            while self._outbox.serve_one():
                pass

    def _check_state(self, *allowed: TransactionState) -> None:
        """Raise `_STATE` before anything is sent for a call that has no place there."""
        state = self._state
        if state not in allowed and state not in (TransactionState.ABORTABLE_ERROR, TransactionState.FATAL_ERROR):
            raise self._no_place()

    @property
    def _state(self) -> TransactionState:
        transactions = self._producer._engine._transactions
        assert transactions is not None
        return transactions.state

    def _no_place(self, cause: ProducerError | None = None) -> KafkaException:
        told = f"Operation not valid in state {STATES[self._state]}"
        return KafkaException(KafkaError(KafkaError._STATE, told, cause=cause))

    def _left_s(self, until_us: int | None, times: int = 1) -> float:
        if until_us is None:
            return self._producer.config.transaction_timeout_ms * times / 1e3
        return max(0, until_us - now_us()) / 1e6

    def _carry_out(self, call: Callable[[], object]) -> None:
        try:
            call()
        except ProducerError as error:
            self._raise(error)

    def _raise(self, error: ProducerError) -> NoReturn:
        if isinstance(error, TransactionStateError):
            if "has ended" in str(error):
                told = f"Conflicting call: {error}"
                raise KafkaException(KafkaError(KafkaError._CONFLICT, told, retriable=True, cause=error)) from error
            raise self._no_place(error) from error
        raise KafkaException(transaction_error(error)) from error


def transaction_error(error: ProducerError) -> KafkaError:
    """Say one of our errors of a transactional call in librdkafka's words: `fatal`, `retriable`, `txn_requires_abort`."""
    match error:
        case TransactionTimeoutError():
            told = "Timed out waiting for operation to finish, retry call to resume"
            return KafkaError(KafkaError._TIMED_OUT, told, retriable=True, cause=error)
        case ProducerFencedError():
            return KafkaError(KafkaError._FENCED, str(error), fatal=True, cause=error)
        case FatalTransactionError(code=code):
            return KafkaError(code.code, str(error), fatal=True, cause=error)
        case TransactionAbortableError(code=code):
            found = KafkaError._TIMED_OUT if code.code == Code.REQUEST_TIMED_OUT else code.code
            return KafkaError(found, str(error), txn_requires_abort=True, cause=error)
        case TransactionError(code=code):
            # Nothing had begun: once the right is there, the call may be made again.
            return KafkaError(code.code, str(error), retriable=True, cause=error)
        case _:
            return kafka_error(error)
