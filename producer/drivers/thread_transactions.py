"""The transactional calls of a `Producer`, which block; and a transaction as a `with` block."""

from __future__ import annotations

import threading
from abc import abstractmethod
from typing import TYPE_CHECKING, Self, TypeVar

from producer.drivers.thread_front import ThreadFront
from producer.drivers.transaction_steps import abort_failed, must_abort
from producer.errors import ProducerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from producer.drivers.front import Steps
    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from producer.transactions.prepared import PreparedTransaction

R = TypeVar("R")


class Transaction:
    """What `Producer.transaction()` gives: begun where the block begins, and ended as the block ends."""

    def __init__(self, producer: ThreadTransactions) -> None:
        self._producer = producer

    def __enter__(self) -> Self:
        self._producer.begin_transaction()
        return self

    def send_offsets(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata | int],
        group: ConsumerGroupMetadata | str,
        timeout_s: float | None = None,
    ) -> None:
        """Do as `Producer.send_offsets_to_transaction`."""
        self._producer.send_offsets_to_transaction(offsets, group, timeout_s)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            try:
                self._producer.commit_transaction()
            except ProducerError as failure:
                if must_abort(failure):
                    self._abort_after(failure)
                raise
        else:
            self._abort_after(error)

    def _abort_after(self, error: BaseException) -> None:
        try:
            self._producer.abort_transaction()
        except ProducerError as failure:
            abort_failed(error, failure)


class ThreadTransactions(ThreadFront):
    """Each call waits up to `timeout_s`, `max.block.ms` by default. Whatever ends it by then, it may be made again and goes on.

    Raises UsageError without `transactional.id`; TransactionStateError where there is no place for it; a TransactionError whose
    kind says how to go on; TransactionTimeoutError.
    """

    _thread: threading.Thread

    def init_transactions(self, timeout_s: float | None = None, *, keep_prepared: bool = False) -> PreparedTransaction:
        """Take over the transactional id: once, before the first transaction.

        Whoever had it before is fenced, and what it left open is aborted. Raises TransactionRefusedError if a right is missing.

        With `keep_prepared` what it left open stays so, and is given: `complete_transaction` ends it, if there was anything (KIP-939,
        ahead of Apache Kafka: a FatalTransactionError of UNSUPPORTED_VERSION there).
        """
        return self._call_and_wait(self._initializing(timeout_s, keep_prepared=keep_prepared), "init_transactions")

    def begin_transaction(self) -> None:
        """Begin a transaction; records can be sent until it is committed or aborted."""
        self._check_entry()
        with self._lock:
            self._check_alive()
            self._beginning()

    def transaction(self) -> Transaction:
        """Give a `with` block that begins a transaction, commits it at its end, and aborts it if an exception leaves it.

        That exception goes on. A commit that fails so that an abort is possible is aborted, and raises.
        """
        return Transaction(self)

    def send_offsets_to_transaction(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata | int],
        group: ConsumerGroupMetadata | str,
        timeout_s: float | None = None,
    ) -> None:
        """Let the offsets that a group reads next count if, and when, the transaction is committed (KIP-447).

        `group` is what the consumer says of itself, so that a zombie's offsets are refused; by a mere id nobody is recognised.
        Raises CommitFailedError if the group's partitions are somebody else's by now.
        """
        self._call_and_wait(self._sending_offsets(offsets, group, timeout_s), "send_offsets_to_transaction")

    def commit_transaction(self, timeout_s: float | None = None) -> None:
        """Wait for every record's answer, and commit. One that was not delivered makes it raise, and leaves an abort.

        Committed is what readers with `isolation.level=read_committed` see, partition by partition, soon.
        """
        self._call_and_wait(self._committing(timeout_s), "commit_transaction")

    def abort_transaction(self, timeout_s: float | None = None) -> None:
        """Drop what has not left, wait for the answers to the rest, and abort: nobody with `read_committed` sees any of it."""
        self._call_and_wait(self._aborting(timeout_s), "abort_transaction")

    def prepare_transaction(self, timeout_s: float | None = None) -> PreparedTransaction:
        """Wait for every record's answer: from then on the transaction can be committed, whatever happens to this process.

        Write down what this gives with whatever else is decided at the same moment; then `commit_transaction`,
        `abort_transaction`, or `complete_transaction` here or in a process that comes after (KIP-939, ahead of Apache Kafka). Until
        then no record is taken, and no time-out ends it. Raises UsageError without `transaction.two.phase.commit.enable`.
        """
        return self._call_and_wait(self._preparing(timeout_s), "prepare_transaction")

    def complete_transaction(self, decided: PreparedTransaction | str, timeout_s: float | None = None) -> None:
        """Commit what is prepared if it is the one that was decided on, and abort it if not (KIP-939, ahead of Apache Kafka).

        `decided` is what `prepare_transaction` gave, or the text that was made of it. Where `init_transactions` found nothing
        open it was completed before, and this does nothing.
        """
        self._call_and_wait(self._completing(decided, timeout_s), "complete_transaction")

    # -- inside ------------------------------------------------------------------------------------------------------

    def _call_and_wait(self, steps: Steps[R], operation: str) -> R:
        if threading.current_thread() is self._thread:
            msg = f"{operation} was called in a delivery callback, where it would wait for itself"
            raise UsageError(msg)
        self._check_entry()
        with self._lock:
            self._check_alive()
            return self._walk(steps)

    @abstractmethod
    def _walk(self, steps: Steps[R]) -> R:
        """Go through the steps of a call. The lock is held, but for the waiting."""
