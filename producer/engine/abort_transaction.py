"""What a transactional producer does about a gap, and about a batch that came to nothing: the transaction is to be aborted.

What `BumpEpoch` is to an idempotent producer. The next epoch, which closes the gap, comes with the next transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.idempotence import Gap

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.engine.idempotence import Finding, Idempotence
    from producer.errors import ErrorCode
    from producer.records import TopicPartition
    from producer.transactions.transaction import Transactions


class AbortTransaction:
    """The transactional branches of TransactionManager.canRetry, handleFailedBatch and maybeResolveSequences."""

    __slots__ = ("_renumbered", "_transactions")

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._renumbered: list[Batch] = []
        """What has new numbers since it was asked for last."""

    def take(self, finding: Finding) -> None:
        """Take note of what was found."""
        if isinstance(finding, Gap):
            self._transactions.sequences_lost()

    def waits(self, partition: TopicPartition) -> bool:  # noqa: ARG002 - whichever it is
        """Nothing new leaves for a transaction that is to be aborted, so nothing has to wait for a gap to be closed."""
        return False

    def retries_forgotten(self, batch: Batch, idempotence: Idempotence, *, is_trimmed: bool) -> bool:
        """A leader does not know the id. Where retention took what it knew it by, sequences begin again, and nothing is lost."""
        if is_trimmed:
            sequences = idempotence.sequences(batch.partition)
            self._renumbered += sequences.restart(idempotence.identity.current)
        return is_trimmed

    def retries_gap(self, batch: Batch, *, is_certain: bool) -> bool:  # noqa: ARG002 - whichever it is
        """A batch is out of order, and no other will put it in order: it fails."""
        return False

    def failed(self, batch: Batch, error: ErrorCode, idempotence: Idempotence, *, leaves_gap: bool) -> None:
        """A batch was given up. With `leaves_gap` those behind it take its sequences: they still have to get their verdicts."""
        self._transactions.batch_failed(error, f"a batch for {batch.partition} was not delivered")
        if leaves_gap and batch.has_sequence:
            self._renumbered += idempotence.sequences(batch.partition).close_gap(batch)

    def act(self, idempotence: Idempotence) -> list[Batch]:  # noqa: ARG002 - as its counterpart needs it
        """Return the batches numbered anew."""
        renumbered, self._renumbered = self._renumbered, []
        return renumbered
