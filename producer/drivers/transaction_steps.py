"""Transactional calls as steps, for every driver; and what a `with` block over a transaction comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from producer.drivers.clock import now_us
from producer.drivers.front import Front, Steps
from producer.drivers.send_futures import Future
from producer.drivers.timeouts import wait_until_us
from producer.errors import ProducerError, TransactionAbortableError, TransactionTimeoutError, UsageError
from producer.records import ConsumerGroupMetadata
from producer.transactions.offsets import read_offsets
from producer.transactions.prepared import PreparedTransaction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.metrics import ProducerMetrics
    from producer.records import OffsetAndMetadata, TopicPartition
    from producer.transactions.call import TransactionalCall

F = TypeVar("F", bound=Future)


class TransactionSteps(Front[F], Generic[F]):
    """The part of a `Front` that has transactions."""

    def _initializing(self, timeout_s: float | None, *, keep_prepared: bool) -> Steps[PreparedTransaction]:
        yield from self._calling(
            lambda: self._engine.init_transactions(now_us(), keep_prepared=keep_prepared), "txn_init", timeout_s
        )
        return self._engine.prepared_transaction

    def _beginning(self) -> None:
        began_us = now_us()
        self._engine.begin_transaction(began_us)
        self._spent("txn_begin", began_us)

    def _sending_offsets(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata | int],
        group: ConsumerGroupMetadata | str,
        timeout_s: float | None,
    ) -> Steps[None]:
        taken, whose = read_offsets(offsets), _read_group(group)
        return self._calling(
            lambda: self._engine.send_offsets_to_transaction(taken, whose, now_us()), "txn_send_offsets", timeout_s
        )

    def _committing(self, timeout_s: float | None) -> Steps[None]:
        return self._calling(lambda: self._engine.commit_transaction(now_us()), "txn_commit", timeout_s)

    def _aborting(self, timeout_s: float | None) -> Steps[None]:
        return self._calling(lambda: self._engine.abort_transaction(now_us()), "txn_abort", timeout_s)

    def _preparing(self, timeout_s: float | None) -> Steps[PreparedTransaction]:
        yield from self._calling(lambda: self._engine.prepare_transaction(now_us()), "txn_prepare", timeout_s)
        return self._engine.prepared_transaction

    def _completing(self, decided: PreparedTransaction | str, timeout_s: float | None) -> Steps[None]:
        taken = _read_prepared(decided)
        # Java measures the commit, or the abort, that it comes to.
        what = "txn_commit" if taken == self._engine.prepared_transaction else "txn_abort"
        return self._calling(lambda: self._engine.complete_transaction(taken, now_us()), what, timeout_s)

    def _calling(self, make: Callable[[], TransactionalCall], what: str, timeout_s: float | None) -> Steps[None]:
        """Make a call and wait until it is over. Raises TransactionTimeoutError: it goes on, and can be made again."""
        began_us = now_us()
        limit_us = began_us + self.config.max_block_ms * 1_000 if timeout_s is None else wait_until_us(timeout_s)
        call = make()
        self._keep_deadline()
        has_changed = True
        try:
            # What became of records is passed on first: their callbacks come before the call returns.
            while not call.is_over or self._answers.is_passing_on:
                if not has_changed:
                    waited_ms = (now_us() - began_us) // 1_000
                    msg = f"{call.operation} was not over after {waited_ms} ms; it goes on: call it again"
                    raise TransactionTimeoutError(msg)
                has_changed = yield limit_us
                self._check_alive()
            call.hear()
        finally:
            self._spent(what, began_us)

    def _spent(self, what: str, began_us: int) -> None:
        ended_us = now_us()
        metrics: ProducerMetrics = self._engine.metrics
        metrics.spent_in_transaction(what, ended_us - began_us, ended_us)


def abort_failed(error: BaseException, failure: ProducerError) -> None:
    """Tell, with the exception that ended a transaction's block, that the transaction could not be aborted after it."""
    error.add_note(f"its transaction could not be aborted: {type(failure).__name__}: {failure}")


def must_abort(failure: ProducerError) -> bool:
    """Whether a commit that failed so leaves a transaction that is to be aborted."""
    return isinstance(failure, TransactionAbortableError)


def _read_prepared(decided: Any) -> PreparedTransaction:
    if isinstance(decided, str):
        return PreparedTransaction.parse(decided)
    if not isinstance(decided, PreparedTransaction):
        msg = f"the prepared transaction is {decided!r}, must be a PreparedTransaction, or what one is written as"
        raise UsageError(msg)
    return decided


def _read_group(group: Any) -> ConsumerGroupMetadata:
    if isinstance(group, str):
        group = ConsumerGroupMetadata(group)
    if not isinstance(group, ConsumerGroupMetadata):
        msg = f"group is {group!r}, must be a ConsumerGroupMetadata, or the group's id"
        raise UsageError(msg)
    if not group.group_id:
        msg = "the group's id is empty"
        raise UsageError(msg)
    return group
