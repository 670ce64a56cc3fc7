"""The transactional calls of a producer in virtual time, as parts of a story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import TransactionTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    import simpy

    from producer.engine.engine import Engine
    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from producer.transactions.call import TransactionalCall
    from producer.transactions.prepared import PreparedTransaction
    from sim.world.kernel import World

    Story = Generator[simpy.Event, Any, None]
    Waiting = Callable[[Callable[[], bool], int | None], Generator[simpy.Event, Any, bool]]


class SimTransactions:
    """What `Producer` does by the same names; each call raises what it raises there, and waits for `max.block.ms` at most.

    Use the methods with `yield from`, but for `begin`.
    """

    def __init__(self, engine: Engine, world: World, *, attend: Callable[[], object], wait_for: Waiting) -> None:
        """`attend` carries out what the engine wants; `wait_for` waits until something holds, or for so long."""
        self._engine = engine
        self._world = world
        self._attend = attend
        self._wait_for = wait_for

    @property
    def is_two_phase(self) -> bool:
        """Whether its transactions have no time-out (KIP-939)."""
        return self._engine.config.transaction_two_phase_commit_enable

    @property
    def open_transaction(self) -> PreparedTransaction:
        """Who writes what is open: what Flink's sinks look up in Java's producer, which does not tell."""
        return self._engine.open_transaction

    def init(self, *, keep_prepared: bool = False) -> Generator[simpy.Event, Any, PreparedTransaction]:
        """Take over the transactional id; what is open is aborted, or kept and given."""
        call = self._engine.init_transactions(self._world.now_us, keep_prepared=keep_prepared)
        yield from self._carry_out(call)
        return self._engine.prepared_transaction

    def begin(self) -> None:
        """Begin a transaction."""
        self._engine.begin_transaction(self._world.now_us)
        self._attend()

    def send_offsets(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata) -> Story:
        """Let a group's offsets count if the transaction is committed."""
        return self._carry_out(self._engine.send_offsets_to_transaction(offsets, group, self._world.now_us))

    def commit(self) -> Story:
        """Wait for every record's answer, and commit."""
        return self._carry_out(self._engine.commit_transaction(self._world.now_us))

    def abort(self) -> Story:
        """Drop what has not left, and abort."""
        return self._carry_out(self._engine.abort_transaction(self._world.now_us))

    def prepare(self) -> Generator[simpy.Event, Any, PreparedTransaction]:
        """Wait for every record's answer; from then on it can be committed, whatever happens."""
        yield from self._carry_out(self._engine.prepare_transaction(self._world.now_us))
        return self._engine.prepared_transaction

    def complete(self, decided: PreparedTransaction) -> Story:
        """Commit what is prepared if it is that one, abort it if not."""
        return self._carry_out(self._engine.complete_transaction(decided, self._world.now_us))

    def _carry_out(self, call: TransactionalCall) -> Story:
        self._attend()
        max_block_ms = self._engine.config.max_block_ms
        is_over = yield from self._wait_for(lambda: call.is_over, max_block_ms * 1_000)
        if not is_over:
            msg = f"{call.operation} was not over after {max_block_ms} ms; it goes on: call it again"
            raise TransactionTimeoutError(msg)
        call.hear()
