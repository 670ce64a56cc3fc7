"""The transactional calls of an `AsyncProducer`, which are awaited; and a transaction as an `async with` block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from producer.drivers.loop_front import LoopFront
from producer.drivers.transaction_steps import abort_failed, must_abort
from producer.errors import ProducerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from producer.transactions.prepared import PreparedTransaction


class AsyncTransaction:
    """What `AsyncProducer.transaction()` gives: begun where the block begins, and ended as the block ends."""

    def __init__(self, producer: LoopTransactions) -> None:
        self._producer = producer

    async def __aenter__(self) -> Self:
        self._producer.begin_transaction()
        return self

    async def send_offsets(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata | int],
        group: ConsumerGroupMetadata | str,
        timeout_s: float | None = None,
    ) -> None:
        """Do as `AsyncProducer.send_offsets_to_transaction`."""
        await self._producer.send_offsets_to_transaction(offsets, group, timeout_s)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            try:
                await self._producer.commit_transaction()
            except ProducerError as failure:
                if must_abort(failure):
                    await self._abort_after(failure)
                raise
        else:
            await self._abort_after(error)

    async def _abort_after(self, error: BaseException) -> None:
        try:
            await self._producer.abort_transaction()
        except ProducerError as failure:
            abort_failed(error, failure)


class LoopTransactions(LoopFront):
    """As `Producer`'s, and raising the same. A call that is cancelled while it waits goes on: made again, it is waited for again."""

    async def init_transactions(
        self, timeout_s: float | None = None, *, keep_prepared: bool = False
    ) -> PreparedTransaction:
        """Take over the transactional id: once, before the first transaction. `keep_prepared`: ahead of Apache Kafka (KIP-939)."""
        self._check_alive()
        return await self._walk(self._initializing(timeout_s, keep_prepared=keep_prepared))

    def begin_transaction(self) -> None:
        """Begin a transaction; nothing is waited for."""
        self._check_alive()
        self._check_entry()
        with self._lock:
            self._beginning()

    def transaction(self) -> AsyncTransaction:
        """Give an `async with` block that begins a transaction, commits it at its end, and aborts it if an exception leaves it."""
        return AsyncTransaction(self)

    async def send_offsets_to_transaction(
        self,
        offsets: Mapping[TopicPartition, OffsetAndMetadata | int],
        group: ConsumerGroupMetadata | str,
        timeout_s: float | None = None,
    ) -> None:
        """Let the offsets that a group reads next count if, and when, the transaction is committed (KIP-447)."""
        self._check_alive()
        await self._walk(self._sending_offsets(offsets, group, timeout_s))

    async def commit_transaction(self, timeout_s: float | None = None) -> None:
        """Wait for every record's answer, and commit."""
        self._check_alive()
        await self._walk(self._committing(timeout_s))

    async def abort_transaction(self, timeout_s: float | None = None) -> None:
        """Drop what has not left, wait for the answers to the rest, and abort."""
        self._check_alive()
        await self._walk(self._aborting(timeout_s))

    async def prepare_transaction(self, timeout_s: float | None = None) -> PreparedTransaction:
        """Wait for every record's answer; from then on it can be committed, whatever happens (KIP-939, ahead of Apache Kafka)."""
        self._check_alive()
        return await self._walk(self._preparing(timeout_s))

    async def complete_transaction(self, decided: PreparedTransaction | str, timeout_s: float | None = None) -> None:
        """Commit what is prepared if it is the one that was decided on, abort it if not (KIP-939, ahead of Apache Kafka)."""
        self._check_alive()
        await self._walk(self._completing(decided, timeout_s))
